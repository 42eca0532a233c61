"""Other people's hooks and plugins: who listens, which are known, and what stands in for xdist."""
