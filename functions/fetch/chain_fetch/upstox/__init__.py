"""Upstox as a source: its session and token, its endpoints, its refusals, its bodies."""

DERIVED = ("change_in_oi", "pchange_in_oi", "change", "pchange")
"""The fields of a quote that are differences of two numbers of a body."""
