"""This process as the kernel and the interpreter have it: how it forks and ends, its garbage, its network."""
