"""`make token`: get the token of a vendor, check it against the vendor, and keep it safely."""
