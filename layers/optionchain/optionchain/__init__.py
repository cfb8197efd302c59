"""What the recorder and the API must agree on: snapshots, documents, the store, settings."""

__version__ = "0.1.0"
