"""Rules of a page: table lines, underlines and frames, whole or broken, and the boxes of comb fields."""
