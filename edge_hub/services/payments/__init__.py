"""Payments by card terminal, by wallet and by a terminal of its own; what became of each; a terminal's end of day."""
