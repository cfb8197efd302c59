"""Seals days of a database into an archive."""
