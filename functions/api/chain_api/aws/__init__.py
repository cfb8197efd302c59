"""What only AWS has: API Gateway's events, signed callers, the EventBridge schedule."""
