"""``nordocr`` with a GPU whose memory is too small from a step on, simulated: for ``first_day.py``.

``python benchmarks/day/oom.py STEP train ...``: from that step on, PyTorch's own error for a full GPU is raised.
"""

from __future__ import annotations

import sys
from typing import Any

import torch

from nordocr.cli.app import main
from nordocr.train import loop


def _too_small(step: int) -> None:
    names = vars(loop)
    accumulate, ctc_loss = names["_accumulate"], names["ctc_loss"]
    full = [False]

    def watched(recipe: Any, training: Any, *rest: Any) -> Any:
        full[0] = training.at.step + 1 >= step
        return accumulate(recipe, training, *rest)

    def refused(*arguments: Any, **named: Any) -> Any:
        if full[0]:
            raise torch.OutOfMemoryError("CUDA out of memory (simulated)")
        return ctc_loss(*arguments, **named)

    names["_accumulate"], names["ctc_loss"] = watched, refused


if __name__ == "__main__":
    _too_small(int(sys.argv[1]))
    main(sys.argv[2:])
