"""MongoDB: the client, the documents, and a reader or writer for each collection."""
