"""What every answer has in common whatever its route: ASGI middleware, one a file."""
