"""The built functions on Lambda's own runtime and its emulator, behind a stand-in API Gateway."""
