"""A simulated exchange: it answers, refuses and fails over HTTP as NSE does."""
