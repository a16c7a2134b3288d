"""Orders of reading: which characters a prediction may look at.

Training reads each text in several orders at once (section 3.2 of the paper): from left to right, the mirror of that,
and further random orders, each with its mirror. An order is kept as a rank for each place in the text: 0 for the token
that begins it, then 1, 2, ... in the order of reading. A place sees the places of lower rank, and that is all that the
attention masks say.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_FEW = 4
"""Up to this many characters, random orders would often be the same."""


def reading_orders(longest: int, wanted: int) -> Tensor:
    """Draw the orders that a batch is read in.

    The end of the text is read last, but in the second order, the mirror of the first, it is read first: so it is
    learnt with the whole text known and with nothing known.

    Args:
        longest: Characters of the batch's longest text; shorter ones are read in the same orders.
        wanted: How many orders; half of them mirrors of the others. Short texts have fewer.

    Returns:
        Ranks, int64 ``[orders, longest + 2]``: of the begin, of each character and of the end. From PyTorch's common
        generator, so that a training resumes exactly.
    """
    if longest < 2:
        return torch.arange(longest + 2).unsqueeze(0)
    forward = torch.arange(1, longest + 1)
    pairs = [forward]
    while len(pairs) < min(wanted // 2, math.factorial(longest) // 2):
        drawn = torch.randperm(longest) + 1
        if longest > _FEW or not any(torch.equal(drawn, old) or torch.equal(mirror(drawn), old) for old in pairs):
            pairs.append(drawn)
    ranks = torch.stack([order for one in pairs for order in (one, mirror(one))])
    begin, end = torch.zeros(len(ranks), 1, dtype=torch.long), torch.full((len(ranks), 1), longest + 1)
    ranks = torch.cat([begin, ranks, end], dim=1)
    ranks[1, 1:] = longest + 2 - torch.arange(1, longest + 2)
    return ranks


def mirror(ranks: Tensor) -> Tensor:
    """Return the ranks ``[characters]`` of the same order read backwards."""
    return len(ranks) + 1 - ranks


def visible(ranks: Tensor) -> Tensor:
    """Return what each prediction may see under each order.

    Args:
        ranks: As from :func:`reading_orders`, ``[orders, n + 2]``.

    Returns:
        bool ``[orders, n + 1, n + 1]``: row t is the prediction of character t (the last one of the end), column 0 the
        begin, column j the j-th character.
    """
    return ranks[:, None, :-1] < ranks[:, 1:, None]


def cloze(rows: int) -> Tensor:
    """Return what the refinement sees, bool ``[rows, rows]``: every character but the one that is predicted."""
    return ~torch.diag(torch.ones(rows - 1, dtype=torch.bool), 1)
