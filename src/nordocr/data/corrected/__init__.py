"""Lines that people have corrected become labelled lines: our own corrections, and PAGE and ALTO of other programs."""
