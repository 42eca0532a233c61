"""A worker's side of what it has with the engine and the plugin host, as long as the process lives."""
