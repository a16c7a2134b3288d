"""``nordocr view``: a local page on which people correct what was read."""
