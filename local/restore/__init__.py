"""Brings sealed days back into a database."""
