"""The model in use: a 768 px ONNX file with its weights in a second file and no metadata."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from tests.recognize.test_onnx import Toy, banded, write_toy

from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.recognize.onnx import OnnxRecognizer


@pytest.fixture(params=[False, True], ids=["logits", "probabilities"])
def bare(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The file as it lies in ``models/``, whether it gives logits or probabilities."""
    path = tmp_path / "models" / "recognize_svtrv2.onnx"
    path.parent.mkdir()
    proto = onnx.load(str(write_toy(tmp_path / "toy.onnx", Toy(spec=None, softmax=request.param))))
    onnx.save(proto, str(path), save_as_external_data=True, location=f"{path.name}.data", size_threshold=256)
    assert not onnx.load(str(path), load_external_data=False).metadata_props
    return path


def test_it_opens_by_the_name_of_its_linespec(bare: Path, request: pytest.FixtureRequest) -> None:
    engine = OnnxRecognizer(bare, threads=1, linespec=Path("nordic-768"))
    assert (engine.spec.max_width, engine.spec.output) == (768, request.node.callspec.id)
    assert engine.read([banded("Årets resultat")])[0].text == "Årets resultat"
    with pytest.raises(ModelMissing, match="by name there are nordic-768, nordic-1024, nordic-1792"):
        OnnxRecognizer(bare, threads=1, linespec=Path("nordic-512"))


def test_the_message_says_what_to_write_and_that_is_enough(bare: Path, request: pytest.FixtureRequest) -> None:
    with pytest.raises(ModelInvalid, match="--linespec nordic-768") as caught:
        OnnxRecognizer(bare, threads=1)
    lines = [part for part in str(caught.value).split("'") if ": " in part and part.partition(":")[0].isidentifier()]
    assert len(lines) == 3
    assert "write recognize_svtrv2_meta.yaml beside it" in str(caught.value)
    bare.with_name("recognize_svtrv2_meta.yaml").write_text("\n".join(lines), encoding="utf-8")
    engine = OnnxRecognizer(bare, threads=1)
    assert (engine.spec.max_width, engine.spec.output) == (768, request.node.callspec.id)
    assert engine.read([banded("Øl 12")])[0].text == "Øl 12"
