"""What a worker collects: its share of the files, the items, and what their markers ask for."""
