"""A simulated Upstox: it answers, refuses and fails over HTTP as Upstox does."""
