"""The plugin host: pytest's session in the role of xdist's controller."""
