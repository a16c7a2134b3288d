"""Export: the flags of the guide's ``export_onnx.py``, and the checkpoints that it is given."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from nordocr.charset import NORDIC_126
from nordocr.errors import ConfigInvalid, ModelInvalid

torch = pytest.importorskip("torch")

from nordocr.export.onnx import simplifier  # noqa: E402
from nordocr.export.source import from_checkpoint  # noqa: E402
from nordocr.model.network import build_model  # noqa: E402


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    path = tmp_path / "nordic_dict.txt"
    path.write_text(NORDIC_126.to_dict_text(), encoding="utf-8")
    return path


@pytest.mark.parametrize("key", ["", "model_state_dict", "model", "state_dict"])
def test_checkpoint_best_model_pth_wherever_its_weights_are(tmp_path: Path, dictionary: Path, key: str) -> None:
    torch.manual_seed(0)
    model = build_model("nano", 126)
    state = model.state_dict()
    said = {"epoch": 3, "best": np.float64(0.9), "output": tmp_path, "lr": np.float32(7e-4)}
    torch.save({key: state} | said if key else state, tmp_path / "best_model.pth")
    source = from_checkpoint(tmp_path / "best_model.pth", max_width=1024, dictionary=dictionary)
    assert (source.spec.max_width, source.spec.charset.num_classes) == (1024, 126)
    image = torch.randn(2, 3, 32, 64)
    with torch.no_grad():
        wanted = model.eval()(image).numpy()
    assert np.abs(source.reference(image.numpy()) - wanted).max() < 1e-4


def test_what_is_not_unpickled_is_named_in_a_sentence(tmp_path: Path, dictionary: Path) -> None:
    held = {"state_dict": build_model("nano", 126).state_dict(), "args": argparse.Namespace(lr=1)}
    torch.save(held, tmp_path / "best_model.pth")
    with pytest.raises(ModelInvalid, match=r"class argparse\.Namespace.*save the weights alone") as caught:
        from_checkpoint(tmp_path / "best_model.pth", max_width=1024, dictionary=dictionary)
    assert "weights_only" not in str(caught.value)


def test_max_width_must_be_what_the_weights_were_trained_to(tmp_path: Path) -> None:
    from nordocr.linespec import LineSpec
    from nordocr.model.weights import save_weights

    save_weights(tmp_path / "w.safetensors", build_model("micro", 126), LineSpec(max_width=768), {})
    with pytest.raises(ConfigInvalid, match="768"):
        from_checkpoint(tmp_path / "w.safetensors", max_width=1024)


def test_sim_says_which_tool_it_used() -> None:
    assert simplifier().split()[0] in ("onnxsim", "onnxslim")
