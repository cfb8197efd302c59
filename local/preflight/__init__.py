"""`make preflight`, `make deploy`: what a deployment needs is looked at before anything is made."""
