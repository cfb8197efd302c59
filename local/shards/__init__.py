"""`make shards`: spreads contracts and headers over the shards of a cluster."""
