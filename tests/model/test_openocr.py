"""Starting from other weights: OpenOCR's files, and a head whose charset differs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from nordocr.charset import NORDIC_126
from nordocr.errors import ModelInvalid, ModelMissing, UsageError
from nordocr.linespec import LineSpec
from nordocr.model.network import SVTRv2, build_model
from nordocr.model.openocr import read_openocr
from nordocr.model.transfer import start_from
from nordocr.model.weights import save_weights

OTHER = "xyzåäö€é"


@pytest.fixture(scope="module")
def other() -> SVTRv2:
    torch.manual_seed(1)
    model = build_model("micro", len(OTHER) + 2)  # blank, and the space that use_space_char appends
    with torch.no_grad():
        model.decoder.fc.bias.copy_(torch.arange(len(OTHER) + 2.0))
    return model


def write_pth(path: Path, model: SVTRv2, prefix: str = "") -> Path:
    state = {prefix + name: tensor for name, tensor in model.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3, "config": {"use_space_char": True}}, path)
    return path


def write_dict(folder: Path) -> Path:
    path = folder / "dict.txt"
    path.write_text("".join(f"{c}\n" for c in OTHER), encoding="utf-8")
    return path


@pytest.mark.parametrize("prefix", ["", "module."])
def test_head_rows_follow_their_characters(other: SVTRv2, tmp_path: Path, prefix: str) -> None:
    path = write_pth(tmp_path / "best.pth", other, prefix)
    model, kept = start_from(path, "micro", LineSpec(), dictionary=write_dict(tmp_path), append_space=True)
    theirs = other.state_dict()
    for name, tensor in model.state_dict().items():
        if not name.startswith("decoder.fc."):
            assert torch.equal(tensor, theirs[name]), name
    weight, bias = model.decoder.fc.weight, model.decoder.fc.bias
    for character, old in [("x", 1), ("å", 4), ("€", 7), (" ", len(OTHER) + 1)]:
        new = NORDIC_126.encode(character)[0]
        assert torch.equal(weight[new], other.decoder.fc.weight[old]), character
        assert bias[new] == old
    assert torch.equal(weight[0], other.decoder.fc.weight[0])
    assert kept.dropped == "é"
    assert kept.mapped == len(OTHER)
    assert set(kept.initialised) == set(NORDIC_126.characters) - set(OTHER) - {" "}
    assert any("Initialised afresh" in sentence for sentence in kept.sentences())


def test_the_guiding_decoder_is_left_behind(other: SVTRv2, tmp_path: Path) -> None:
    state = {}
    for name, tensor in other.state_dict().items():
        state[name.replace("decoder.", "decoder.ctc_decoder.") if name.startswith("decoder.") else name] = tensor
    state["decoder.gtc_decoder.embedding.weight"] = torch.zeros(3)
    torch.save({"state_dict": state}, tmp_path / "gtc.pth")
    assert read_openocr(tmp_path / "gtc.pth").keys() == other.state_dict().keys()


def test_a_pth_needs_its_dictionary_and_the_right_one(other: SVTRv2, tmp_path: Path) -> None:
    path = write_pth(tmp_path / "best.pth", other)
    with pytest.raises(UsageError, match="--init-dict"):
        start_from(path, "micro", LineSpec())
    with pytest.raises(ModelInvalid, match="its charset has 9 classes"):
        start_from(path, "micro", LineSpec(), dictionary=write_dict(tmp_path))
    with pytest.raises(ModelInvalid, match=r"encoder\."):
        start_from(path, "nano", LineSpec(), dictionary=write_dict(tmp_path), append_space=True)


def test_our_own_weights_come_over_whole(tmp_path: Path) -> None:
    ours = build_model("micro")
    save_weights(tmp_path / "w.safetensors", ours, LineSpec(max_width=768), {})
    model, kept = start_from(tmp_path / "w.safetensors", "micro", LineSpec(max_width=1024))
    assert all(torch.equal(tensor, ours.state_dict()[name]) for name, tensor in model.state_dict().items())
    assert (kept.initialised, kept.dropped) == ("", "")
    assert any("768 px" in sentence for sentence in kept.sentences())
    with pytest.raises(ModelInvalid, match="'micro'"):
        start_from(tmp_path / "w.safetensors", "nano", LineSpec())


def test_a_variant_with_the_same_weights_may_start_another(tmp_path: Path) -> None:
    ours = build_model("nano")
    save_weights(tmp_path / "w.safetensors", ours, LineSpec(), {})
    model, kept = start_from(tmp_path / "w.safetensors", "nano-low", LineSpec(interpolation="area"))
    assert model.variant.name == "nano-low"
    assert all(torch.equal(tensor, ours.state_dict()[name]) for name, tensor in model.state_dict().items())
    assert any("other strides" in note for note in kept.notes) and any("area" in note for note in kept.notes)
    with pytest.raises(ModelInvalid, match="'nano-low-wide'"):
        start_from(tmp_path / "w.safetensors", "nano-low-wide", LineSpec())


class _Harm:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.mkdir, ("harm",)


def test_nothing_is_run_by_opening_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": _Harm()}, tmp_path / "harm.pth")
    with pytest.raises(ModelInvalid, match=r"harm\.pth"):
        read_openocr(tmp_path / "harm.pth")
    assert not (tmp_path / "harm").exists()
    with pytest.raises(ModelMissing, match="nowhere"):
        read_openocr(tmp_path / "nowhere.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(ModelInvalid, match="holds no weights"):
        read_openocr(tmp_path / "list.pth")
