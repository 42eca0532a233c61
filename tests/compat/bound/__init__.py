"""Suites that are bound to a process by what an import made, and suites that are not: see __main__.py."""
