"""Stores the end-of-day chains of past days from the exchange's bhavcopy files."""
