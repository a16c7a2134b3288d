"""Labels that engines make: what one is sure of, or several agree on."""
