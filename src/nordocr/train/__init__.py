"""Training: typed recipe, one readable loop, checkpoints that resume exactly."""
