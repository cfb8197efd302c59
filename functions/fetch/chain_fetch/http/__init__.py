"""HTTP within bounds of time, size and number of requests; knows nothing of any source."""
