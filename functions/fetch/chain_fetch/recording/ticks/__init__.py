"""Which ticks are due, and what each of them asks for."""
