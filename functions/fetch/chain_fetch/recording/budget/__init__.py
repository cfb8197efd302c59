"""What a source's request budget carries, and who gets which part of it."""
