"""What becomes of a body: received, judged, deduplicated, committed."""
