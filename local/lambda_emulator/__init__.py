"""`make lambda`: the built functions on Lambda's runtime emulator, behind a local API Gateway."""
