"""Days that MongoDB has let go, read from the archive through the same methods."""
