"""ASGI middleware: what all answers have in common, one concern in each file."""
