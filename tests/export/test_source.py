"""What an export may start from: OpenOCR's and PyTorch's checkpoints, and a head cut to fewer classes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import torch

from nordocr.charset import NORDIC_126, NORDIC_EXT
from nordocr.errors import ConfigInvalid, ModelInvalid, UsageError
from nordocr.export.source import from_checkpoint
from nordocr.linespec import LineSpec
from nordocr.model.head import cut_charset
from nordocr.model.network import SVTRv2, build_model
from nordocr.model.weights import load_model, save_weights

EXT = LineSpec(charset_name=NORDIC_EXT.name, characters=NORDIC_EXT.characters, max_width=768)


@pytest.fixture(scope="module")
def extended() -> SVTRv2:
    torch.manual_seed(3)
    return build_model("micro", NORDIC_EXT.num_classes).eval()


@pytest.fixture(scope="module")
def batch() -> torch.Tensor:
    return torch.rand(2, 3, 32, 101, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_the_first_126_logits_are_the_very_same_after_the_cut(extended: SVTRv2, batch: torch.Tensor) -> None:
    cut, spec = cut_charset(extended, EXT, NORDIC_126)
    assert (spec.charset, spec.max_width) == (NORDIC_126, 768)
    with torch.inference_mode():
        whole, few = extended(batch), cut(batch)
    assert few.shape[-1] == 126
    # The same products; only how a kernel of another width sums them may differ in the last bit.
    torch.testing.assert_close(few, whole[..., :126], rtol=0, atol=1e-6)
    for name, tensor in cut.state_dict().items():
        assert torch.equal(tensor, extended.state_dict()[name][: len(tensor)] if tensor.ndim else tensor), name


def test_an_export_is_cut_by_name(extended: SVTRv2, batch: torch.Tensor, tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", extended, EXT, {})
    source = from_checkpoint(tmp_path / "w.safetensors", charset="nordic-126")
    assert source.spec.charset_name == "nordic-126"
    model, _ = load_model(tmp_path / "w.safetensors")
    with torch.inference_mode():
        wanted = model(batch)[..., :126].numpy()
    np.testing.assert_allclose(source.reference(batch.numpy()), wanted, rtol=0, atol=1e-6)
    dims = source.proto.graph.output[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in dims] == ["batch", "seq_len", 126]
    with pytest.raises(ConfigInvalid, match="no charset 'nordic-12'"):
        from_checkpoint(tmp_path / "w.safetensors", charset="nordic-12")
    save_weights(tmp_path / "few.safetensors", build_model("micro"), LineSpec(), {})
    with pytest.raises(ConfigInvalid, match="nordic-126 does not begin with nordic-ext"):
        from_checkpoint(tmp_path / "few.safetensors", charset="nordic-ext")


@pytest.mark.parametrize("place", ["state_dict", "model_state_dict", "model", None])
def test_a_checkpoint_of_another_program_is_opened(
    extended: SVTRv2, batch: torch.Tensor, tmp_path: Path, place: str | None
) -> None:
    state = {f"module.{name}": tensor for name, tensor in extended.state_dict().items()}
    beside = {"epoch": 3, "best_acc": np.float64(0.753), "step": np.int64(7), "history": np.zeros(2, np.float32)}
    beside |= {"path": tmp_path, "posix": PurePosixPath("runs/a")}
    torch.save(state if place is None else {place: state, **beside}, tmp_path / "best_model.pth")
    source = from_checkpoint(tmp_path / "best_model.pth", max_width=1024)
    assert (source.spec.charset, source.spec.max_width, source.facts["variant"]) == (NORDIC_EXT, 1024, "micro")
    with torch.inference_mode():
        np.testing.assert_array_equal(source.reference(batch.numpy()), extended(batch).numpy())


def test_a_pth_with_a_charset_of_its_own_wants_its_dictionary(tmp_path: Path) -> None:
    torch.save({"state_dict": build_model("micro", 5).state_dict()}, tmp_path / "x.pth")
    with pytest.raises(UsageError, match=r"has 5 classes.*--dict"):
        from_checkpoint(tmp_path / "x.pth")
    (tmp_path / "d.txt").write_text("a\nb\nc\n", encoding="utf-8")
    source = from_checkpoint(tmp_path / "x.pth", dictionary=tmp_path / "d.txt", append_space=True)
    assert source.spec.characters == "abc "


class _Trainer:
    pass


def test_another_class_is_named_in_one_sentence(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "trainer": _Trainer()}, tmp_path / "x.pth")
    with pytest.raises(ModelInvalid) as refused:
        from_checkpoint(tmp_path / "x.pth")
    said = str(refused.value)
    assert "_Trainer, which nordocr does not unpickle" in said and "trust" not in said and "\n" not in said
    torch.save({"state_dict": {"a": torch.zeros(2)}}, tmp_path / "y.pth")
    with pytest.raises(ModelInvalid, match="no variant that nordocr knows"):
        from_checkpoint(tmp_path / "y.pth")
