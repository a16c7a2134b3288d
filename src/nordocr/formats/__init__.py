"""Results to files: plain text, JSON, and more."""
