"""A fresh model begins at the classes' frequencies, and its features do not collapse while it learns."""

from __future__ import annotations

import pytest
import torch

from nordocr.model.network import build_model
from nordocr.train.prior import class_log_prior
from nordocr.train.stream import MicroBatch


def batch() -> MicroBatch:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (8, 1, 32, 64), generator=generator, dtype=torch.uint8)
    targets = torch.randint(1, 6, (24,), generator=generator)
    return MicroBatch(pixels, torch.full((8,), 64), torch.full((8,), 16), targets, torch.full((8,), 3))


def test_the_prior_counts_characters_once_and_blanks_for_the_rest() -> None:
    prior = class_log_prior([batch()], 126).exp()
    counts = torch.bincount(batch().targets, minlength=126) + 1.0
    counts[0] = 8 * 16 - 24 + 1
    assert torch.allclose(prior, counts / counts.sum())
    assert float(prior.sum()) == pytest.approx(1.0)


def test_a_fresh_model_gives_every_step_the_prior() -> None:
    torch.manual_seed(0)
    model = build_model("nano").eval()
    prior = class_log_prior([batch()], 126)
    model.begin_at_prior(prior)
    with torch.inference_mode():
        steps = model(torch.rand(2, 3, 32, 64) * 2 - 1).softmax(-1)
    assert float((steps[..., 0] - prior.exp()[0]).abs().max()) < 0.05
