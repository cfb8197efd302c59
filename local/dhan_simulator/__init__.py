"""A simulated Dhan: it answers, refuses and fails over HTTP as Dhan does."""
