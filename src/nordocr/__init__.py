"""nordocr trains, proves and ships text-line recognisers for scanned Nordic documents, and reads documents with them."""

__version__ = "0.1.0"
