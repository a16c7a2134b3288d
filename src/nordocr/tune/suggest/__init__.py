"""Which documents and lines are worth correcting next."""
