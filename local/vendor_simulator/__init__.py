"""What the simulated vendors share: the exchange's feed in shares, tokens, and request limits."""
