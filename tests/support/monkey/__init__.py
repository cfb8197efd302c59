"""A world in simulated time in which everything lies, and what the record must still keep."""
