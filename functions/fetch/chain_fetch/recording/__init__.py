"""How one invocation records: its shift, its ticks, and their entries in the ledger."""
