"""MongoDB: the client, the documents, and a reader or writer of each collection."""
