"""Which source is asked, when it is left, and how two of them compare."""
