"""Weights files: self-contained, damaged ones refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.weights import load_model, read_weights, save_weights


def test_round_trip_keeps_weights_spec_and_history(tmp_path: Path) -> None:
    model, spec = build_model("micro"), LineSpec(max_width=768)
    save_weights(tmp_path / "w.safetensors", model, spec, {"step": 7, "åäö": "ok"})
    loaded, weights = load_model(tmp_path / "w.safetensors")
    assert weights.spec == spec
    assert weights.variant == "micro"
    assert weights.history == {"step": 7, "åäö": "ok"}
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name
    assert not loaded.training


def test_a_weights_file_does_not_say_where_things_lay_on_the_disk(tmp_path: Path) -> None:
    history = {"recipe": {"corpora": ["/data/sv.txt.gz", "C:\\texts\\da.txt", "own/fi.txt"], "steps": 3}}
    save_weights(tmp_path / "w.safetensors", build_model("micro"), LineSpec(), history)
    read = read_weights(tmp_path / "w.safetensors").history
    assert read == {"recipe": {"corpora": ["sv.txt.gz", "da.txt", "own/fi.txt"], "steps": 3}}


def test_half_precision_halves_the_file(tmp_path: Path) -> None:
    model = build_model("micro")
    save_weights(tmp_path / "full.safetensors", model, LineSpec(), {})
    save_weights(tmp_path / "half.safetensors", model, LineSpec(), {}, half=True)
    full, half = ((tmp_path / f"{n}.safetensors").stat().st_size for n in ("full", "half"))
    assert half < 0.55 * full
    assert read_weights(tmp_path / "half.safetensors").tensors["decoder.fc.weight"].dtype == torch.float32


def test_missing_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere"):
        read_weights(tmp_path / "nowhere.safetensors")
    garbage = tmp_path / "garbage.safetensors"
    garbage.write_bytes(b"\x80\x04not safetensors")
    with pytest.raises(ModelInvalid, match="garbage"):
        read_weights(garbage)
    save_file({"x": torch.zeros(2)}, tmp_path / "foreign.safetensors")
    with pytest.raises(ModelInvalid, match="does not say"):
        read_weights(tmp_path / "foreign.safetensors")
    header = {"variant": "micro", "linespec": LineSpec().to_json(), "history": json.dumps({})}
    save_file({"decoder.fc.weight": torch.zeros(3, 3)}, tmp_path / "shapes.safetensors", metadata=header)
    with pytest.raises(ModelInvalid, match="micro"):
        load_model(tmp_path / "shapes.safetensors")


def test_torch_recognizer_gives_the_same_text_alone_and_in_any_batch() -> None:
    torch.manual_seed(3)
    model = build_model("micro").eval()
    with torch.no_grad():
        model.decoder.fc.weight.mul_(40.0)  # make the untrained model say something
    rng = np.random.default_rng(0)
    crops = [rng.integers(0, 256, (40, int(w)), dtype=np.uint8) for w in rng.integers(20, 700, 24)]
    recognizer = TorchRecognizer(model, LineSpec())
    together = [line.text for line in recognizer.read(crops)]
    assert [recognizer.read([crop])[0].text for crop in crops] == together
    assert any(together)
    backwards = [line.text for line in recognizer.read(crops[::-1])]
    assert backwards[::-1] == together


def test_torch_recognizer_flags_what_it_squeezes() -> None:
    recognizer = TorchRecognizer(build_model("micro"), LineSpec(), ceiling=256)
    wide, narrow = np.full((32, 400), 60, np.uint8), np.full((32, 200), 255, np.uint8)  # ink without a gap
    wide[:4] = 255
    assert [line.flags for line in recognizer.read([wide, narrow])] == [("squeezed",), ()]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'{"a": null}',
        b'{"a": {"dtype": "F32", "shape": [1e999], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 99999999999]}}',
        b'{"__metadata__": {"variant": 3}}',
        b'{"__metadata__": {"variant": "nano", "linespec": "{", "history": "["}}',
        b'{"__metadata__": {"variant": "nano", "linespec": "[[[", "history": "{}"}}',
    ],
)
@pytest.mark.parametrize("said", [None, 0, 2**63, 2**64 - 1])
def test_a_broken_header_is_a_sentence(tmp_path: Path, header: bytes, said: int | None) -> None:
    path = tmp_path / "weights.safetensors"
    length = len(header) if said is None else said
    path.write_bytes(length.to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(ModelInvalid, match=r"weights\.safetensors"):
        read_weights(path)


def test_a_history_that_is_no_json_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    metadata = {"variant": "micro", "linespec": LineSpec().to_json(), "history": "[" * 100_000}
    save_file({"a": torch.zeros(1)}, path, metadata=metadata)
    with pytest.raises(ModelInvalid, match="history that is not JSON"):
        read_weights(path)
