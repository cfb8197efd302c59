"""What recorder and API share: snapshots, their documents in MongoDB, analytics, settings."""

__version__ = "0.1.0"
