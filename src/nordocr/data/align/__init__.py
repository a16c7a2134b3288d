"""Page images and page texts to labelled lines."""
