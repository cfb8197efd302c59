"""What every server has that stands in for a real one: faults on demand, and a request log."""
