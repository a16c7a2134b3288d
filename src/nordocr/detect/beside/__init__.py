"""What a page holds beside upright lines: type on its side, tick boxes, strokes over type, pictures."""
