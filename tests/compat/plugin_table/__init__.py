"""docs/plugins.md, made from runs: see __main__.py."""
