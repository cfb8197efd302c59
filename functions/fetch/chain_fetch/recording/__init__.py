"""One invocation at work: its shift, its ticks, and what the ledger says of them."""
