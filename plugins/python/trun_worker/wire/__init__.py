"""What crosses the wire (docs/protocol.md): frames over sockets, the shared pages, text and values as they travel."""
