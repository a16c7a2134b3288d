"""How many output steps a label needs under CTC (Graves et al., ICML 2006)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence


def ctc_length(classes: Sequence[int] | str) -> int:
    """Output steps that CTC needs for a label (classes or text): its length, and a blank between equal neighbours."""
    return len(classes) + sum(a == b for a, b in itertools.pairwise(classes))
