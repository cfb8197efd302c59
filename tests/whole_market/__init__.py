"""The whole market through the real recorder: a session in compressed time, and half an hour."""
