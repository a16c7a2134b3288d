"""A recogniser on labelled line crops."""
