"""Readers over days of MongoDB and days of the archive alike, by the same methods."""
