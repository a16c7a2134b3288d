"""Page image to line boxes in reading order."""
