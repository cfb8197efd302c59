"""The API: serves recorded option chains over HTTP."""
