"""Numbers derived from stored documents. Pure: no request, no database."""
