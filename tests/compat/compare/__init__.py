"""Runs a suite under pytest and under trun and compares everything that the two say of it. See ../README.md."""
