"""Synthetic training data: text, fonts, rendering, degradation; line i is a pure function of (seed, i)."""
