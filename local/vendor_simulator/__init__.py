"""What the simulated vendors share: endpoints, tokens and request limits."""
