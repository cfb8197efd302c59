"""`make preflight`, `make deploy`: check what a deployment needs before anything is created."""
