"""The tokens of the sources: where they are kept, and what is known of each."""
