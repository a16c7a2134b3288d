"""Trains, proves and ships text-line recognisers for scanned Nordic documents, and reads whole documents."""

__version__ = "0.1.0"
