"""Files to page images: TIFF (CCITT G3/G4, multi-page), PDF, PNG, JPEG, with limits."""
