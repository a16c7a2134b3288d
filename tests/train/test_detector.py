"""Training of the line detector: labels worked out by hand, crops that fit them, and a whole run in seconds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from nordocr.cli.app import main
from nordocr.detect.dbnet.map import MapModel
from nordocr.errors import ConfigInvalid, InputMissing, ModelInvalid
from nordocr.export.detector import compare, load_weights, parity_pages
from nordocr.model.dbnet import DbNet, binarised
from nordocr.model.page_map import detector_spec
from nordocr.train.detector.crops import random_crop
from nordocr.train.detector.judge import judge
from nordocr.train.detector.labels import page_labels, shrunk
from nordocr.train.detector.loss import db_loss
from nordocr.train.detector.pages import TrainingPage
from nordocr.train.detector.recipe import bundled_detector_recipes, load_detector_recipe


def test_a_core_is_half_as_high_and_ends_a_fifth_of_the_height_earlier() -> None:
    assert shrunk(np.array([100, 50, 200, 20], np.float32)) == (104, 55, 296, 65)
    left, top, right, bottom = shrunk(np.array([10, 10, 4, 6], np.float32))  # a lone digit
    assert (right - left, bottom - top) == (6, 5)
    assert (left + right, top + bottom) == (24, 26)


def test_maps_of_a_page_by_hand() -> None:
    boxes = np.array([[20, 20, 60, 16], [100, 60, 20, 10]], np.float32)
    core, threshold, weight = page_labels((100, 200), boxes, np.array([False, True]))
    assert core.sum() == (60 - 2 * 3) * 8  # ends at 23.2 and 76.8
    assert threshold[5, 150] == pytest.approx(0.3)
    assert threshold[20, 50] == pytest.approx(0.7, abs=0.06)  # on the line's edge
    assert threshold[28, 50] == pytest.approx(0.3)  # its middle lies deeper than the border reaches
    assert weight[65, 110] == 0
    assert weight[28, 50] == 1


def test_a_crop_keeps_ink_and_core_together() -> None:
    image = np.full((400, 300), 255, np.uint8)
    boxes = np.array([[40 + 20 * i, 30 + 40 * i, 120, 16] for i in range(8)], np.float32)
    for x, y, w, h in boxes.astype(int):
        image[y : y + h, x : x + w] = 0
    page = TrainingPage(image, boxes, np.zeros(8, bool))
    seen = 0
    for seed in range(40):
        crop = random_crop(page, 128, np.random.default_rng(seed))
        assert crop.image.shape == (128, 128)
        assert crop.core.shape == crop.threshold.shape == crop.weight.shape == (64, 64)
        small = crop.image.reshape(64, 2, 64, 2).mean(axis=(1, 3))
        inside, outside = small[crop.core > 0], small[crop.threshold < 0.31]
        if len(inside) > 50 and len(outside) > 50:
            seen += abs(np.median(inside) - np.median(outside)) > 0.4
    assert seen >= 25
    again = random_crop(page, 128, np.random.default_rng(7)).image
    assert np.array_equal(again, random_crop(page, 128, np.random.default_rng(7)).image)


def test_the_loss_is_least_for_the_truth_and_ignores_what_is_not_taught() -> None:
    core = torch.zeros(1, 1, 32, 32)
    core[..., 8:12, 4:28] = 1
    threshold, weight = torch.full_like(core, 0.3), torch.ones_like(core)
    right = (20 * core - 10, torch.full_like(core, -0.85))
    assert float(db_loss(right, core, threshold, weight)["loss"]) < 0.05
    assert float(db_loss((-right[0], right[1]), core, threshold, weight)["loss"]) > 10
    weight[..., 20:, :] = 0
    wrong = right[0].clone()
    wrong[..., 25:, :] = 10
    assert float(db_loss((wrong, right[1]), core, threshold, weight)["loss"]) < 0.05
    assert float(binarised(torch.tensor(0.5), torch.tensor(0.5))) == 0.5


def test_maps_have_half_the_sides_and_the_network_is_small() -> None:
    network = DbNet().eval()
    assert sum(p.numel() for p in network.parameters()) < 3_000_000
    maps = network.probability(torch.zeros(2, 1, 64, 96))
    assert maps.shape == (2, 1, 32, 48)
    assert bool(((maps > 0) & (maps < 1)).all())


def test_recipes_refuse_what_they_do_not_know() -> None:
    assert {"dbnet-cpu", "debug"} <= set(bundled_detector_recipes())
    assert load_detector_recipe("debug", ["steps=7", "synth.skew=0.1"]).steps == 7
    with pytest.raises(ConfigInvalid, match="stepz"):
        load_detector_recipe("debug", ["stepz=7"])
    with pytest.raises(ConfigInvalid, match="key=value"):
        load_detector_recipe("debug", ["steps"])
    with pytest.raises(ConfigInvalid, match=r"batch\.size"):  # a setting within what is no table
        load_detector_recipe("debug", ["batch.size=7"])
    with pytest.raises(InputMissing, match="dbnet-cpu"):
        load_detector_recipe("nothing")


class Marks(nn.Module):
    """A network that marks rows of ink, or nothing."""

    def __init__(self, *, blind: bool = False) -> None:
        super().__init__()
        self.blind = blind

    def probability(self, pages: torch.Tensor) -> torch.Tensor:
        ink = torch.nn.functional.max_pool2d((1 - pages) / 2, (3, 41), stride=1, padding=(1, 20))
        marked = torch.nn.functional.avg_pool2d(ink, 2)
        return torch.zeros_like(marked) if self.blind else (marked > 0.5).float() * 0.9


def test_a_network_is_judged_by_the_regions_that_reading_would_find() -> None:
    image = Image.new("L", (600, 400), 255)
    font = ImageFont.load_default(24)
    boxes = []
    for row, text in enumerate(("Nettoomsetning og andre inntekter", "Sum driftskostnader", "signature")):
        ImageDraw.Draw(image).text((40, 60 + 100 * row), text, fill=0, font=font)
        left, top, right, bottom = ImageDraw.Draw(image).textbbox((40, 60 + 100 * row), text, font=font)
        boxes.append((left, top, right - left, bottom - top))
    page = TrainingPage(np.asarray(image), np.array(boxes, np.float32), np.array([False, False, True]))
    spec = detector_spec(600, 0.5)
    found = judge(Marks(), [page], spec)  # type: ignore[arg-type]
    assert (found.recall, found.precision, found.f1) == (1.0, 1.0, 1.0)
    assert judge(Marks(blind=True), [page], spec).recall == 0.0  # type: ignore[arg-type]
    taught = TrainingPage(page.image, page.boxes, np.array([False, True, False]))
    assert judge(Marks(), [taught], spec).recall == 1.0  # type: ignore[arg-type]
    missing = TrainingPage(page.image, page.boxes[:1], np.array([False]))
    assert judge(Marks(), [missing], spec).precision == pytest.approx(1 / 3)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_run_ends_with_a_model_that_agrees_with_its_weights(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["train-detector", "debug", "-o", str(tmp_path / "run")])
    assert left.value.code == 0
    events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [event["step"] for event in events] == [2, 3]
    network = load_weights(tmp_path / "run" / "best.safetensors")
    model = MapModel(tmp_path / "run" / "detect_dbnet.onnx", threads=1)
    shown = parity_pages(1)
    assert compare(network, model, shown).difference < 1e-5
    with torch.no_grad():
        network.head.bias[:4] += 0.1
    assert compare(network, model, shown).difference > 1e-3
    with pytest.raises(ModelInvalid, match="detector"):
        load_weights(tmp_path / "run" / "detect_dbnet.onnx")
