"""A training of seconds for the tests: micro model, lines drawn from noise. Run as a program it can be killed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nordocr.train.recipe import Recipe
from nordocr.train.recipe_parts import BatchPart, OptimiserPart, SynthPart, ValidationPart
from nordocr.train.source import TrainingData


class NoiseLines:
    """Line i: a text of digits, and an image whose columns follow it, so that there is something to learn."""

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        rng = np.random.default_rng([7, index])
        digits = rng.integers(0, 10, int(rng.integers(1, 5)))
        image = np.repeat(255 - 25 * digits.astype(np.uint8), 16)[None].repeat(32, axis=0)
        noise = rng.integers(0, 8, image.shape, dtype=np.uint8)
        return np.ascontiguousarray(image - np.minimum(image, noise)), "".join(map(str, digits))


DATA = TrainingData(NoiseLines(), {}, {"noise": "7"})


def tiny_recipe(**changes: Any) -> Recipe:
    """Micro, eight lines a step, a checkpoint every third step."""
    values: dict[str, Any] = {
        "name": "tiny",
        "model": "micro",
        "precision": "fp32",
        "device": "cpu",
        "synth": SynthPart(),
        "batch": BatchPart(area=256, lines_per_step=8, block_lines=12, workers=0),
        "optimiser": OptimiserPart(steps=10),
        "validation": ValidationPart(synth_lines=0, every=1000),
        "save_every": 3,
        "log_every": 1,
    }
    return Recipe(**(values | changes))


def main(run: Path, resume: bool, steps: int, model: str = "micro") -> None:
    """Train in ``run``; every step is told in ``metrics.jsonl``."""
    import torch

    from nordocr.train.distributed import Ranks
    from nordocr.train.events import metrics_file
    from nordocr.train.loop import train

    torch.set_num_threads(1)
    report = metrics_file(run) if Ranks.from_environment().first else lambda event: None
    recipe = tiny_recipe(model=model, optimiser=OptimiserPart(steps=steps))
    train(recipe, DATA, [], run, resume=resume, report=report)
    Ranks.from_environment().leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "resume", int(sys.argv[3]), *sys.argv[4:])
