"""What stands on a page beside its upright lines: type that is turned, tick boxes, strokes over amounts, pictures."""
