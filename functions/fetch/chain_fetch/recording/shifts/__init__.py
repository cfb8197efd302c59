"""One invocation at work: its shift, its ticks, its start."""
