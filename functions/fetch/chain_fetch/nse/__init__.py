"""The exchange's website as a source: its HTTP session, its endpoints, its refusals."""
