"""Engines against a reference and against one another, and the gate between them."""
