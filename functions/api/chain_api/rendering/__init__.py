"""Answers as bytes: JSON layouts, CSV, NDJSON."""
