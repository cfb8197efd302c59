"""What exists only on a developer's machine: the stand-in exchange, mongod, the scheduler."""
