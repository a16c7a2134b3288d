"""From checkpoint to engine file, each behind a parity check."""
