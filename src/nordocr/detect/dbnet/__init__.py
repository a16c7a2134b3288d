"""The learned line detector."""
