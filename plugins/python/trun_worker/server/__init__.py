"""The fork server: parses, says what it found, forks what it is asked for, and makes workers of it; pytest's caches."""
