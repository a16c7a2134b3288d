"""From checkpoint to engine file, each behind a numeric gate."""
