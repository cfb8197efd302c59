"""What the recorder tells of its work: the ledger, the log, metrics."""
