"""Tools of a developer's machine; nothing here is deployed."""
