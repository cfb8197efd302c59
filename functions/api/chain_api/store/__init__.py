"""Reads from MongoDB that only the API needs."""
