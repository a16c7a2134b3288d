"""Building the language model of :mod:`nordocr.lm` from corpora and the engine's own text."""
