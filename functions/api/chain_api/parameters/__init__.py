"""What a request may name, typed and bounded."""
