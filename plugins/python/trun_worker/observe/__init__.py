"""What imports bind to a process, and whose code did that: a forked worker would lose it, or share it with all others."""
