"""pytest's session in a worker, and the loop that runs items: the standard lane and the fast lane."""
