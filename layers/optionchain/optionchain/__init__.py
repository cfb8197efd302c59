"""What the recorder and the API must agree on: snapshots, documents, the store, settings."""
