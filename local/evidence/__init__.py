"""What the exchange's numbers mean, counted on captured bodies."""
