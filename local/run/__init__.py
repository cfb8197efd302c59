"""The whole recorder on this machine: make run."""
