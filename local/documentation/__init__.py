"""Writes the examples of README.md and docs/ from answers of the application: make docs."""
