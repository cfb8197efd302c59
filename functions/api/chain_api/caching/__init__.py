"""What saves work: entity tags, Cache-Control, and the cache of rendered answers."""
