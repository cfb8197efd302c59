"""Upstox as a source: its session and token, its endpoints, its refusals, its bodies."""
