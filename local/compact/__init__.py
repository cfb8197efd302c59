"""`make compact`: replaces the plain collections of an existing database by compressed copies."""
