"""Training of the learned line detector on synthetic pages."""
