"""What each route answers: from a validated request to a response."""
