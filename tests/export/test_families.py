"""The other families through the same gate, the loop in PARSeq's graph, and masks that make no NaN."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tests.export.micro import lines

from nordocr.config import ReadingConfig
from nordocr.errors import ModelInvalid, UsageError
from nordocr.export.fp16 import export_fp16
from nordocr.export.int8 import export_int8
from nordocr.export.onnx import write_fp32
from nordocr.export.source import Source, from_checkpoint, onnx_scorer
from nordocr.families import family_of
from nordocr.linespec import LineSpec
from nordocr.model.from_onnx import model_from_onnx
from nordocr.model.network import build_model, family_of_variant
from nordocr.model.weights import load_model, save_weights
from nordocr.recognize.registry import open_recognizer

MODELS = ["parseq-micro", "vit-ctc-micro"]


def checkpoint(folder: Path, model: str) -> Path:
    """An untrained model whose texts differ from line to line, saved, for a short ladder."""
    torch.manual_seed(5)
    made = build_model(model)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name in ("head.weight", "pos_queries", "text_embed.embedding.weight"):
                parameter.mul_(20.0)
    spec = LineSpec(ladder=(32, 128, 256), max_width=256, family=family_of_variant(model).name)
    save_weights(folder / f"{model}.safetensors", made, spec, {"step": 3})
    return folder / f"{model}.safetensors"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    return {name: from_checkpoint(checkpoint(tmp_path_factory.mktemp(name), name)) for name in MODELS}


@pytest.fixture(scope="module")
def exported(sources: dict[str, Source], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    written = {}
    for name, source in sources.items():
        written[name] = tmp_path_factory.mktemp("out") / f"{name}.onnx"
        [(_, found)] = write_fp32(source, written[name], sim=False, card=None)
        assert found.texts > 50 and found.different == 0
    return written


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_file_says_its_family_and_reads_alone_as_in_a_batch(
    sources: dict[str, Source], exported: dict[str, Path], name: str
) -> None:
    facts = {item.key: item.value for item in onnx.load(str(exported[name])).metadata_props}
    assert facts["family"] == name.removesuffix("-micro") and facts["variant"] == name
    engine = open_recognizer(str(exported[name]), ReadingConfig())
    crops = [line.image for line in lines()]
    together = [line.text for line in engine.read(crops)]
    assert [engine.read([crop])[0].text for crop in crops] == together
    assert len(set(together)) > 3, "all lines say the same, so nothing was compared"
    checkpoint_engine = open_recognizer(str(sources[name].path), ReadingConfig())
    assert [line.text for line in checkpoint_engine.read(crops)] == together


@pytest.mark.slow
def test_parseq_reads_without_a_language_model_and_says_so_where_one_is_asked_for(exported: dict[str, Path]) -> None:
    plain = open_recognizer(str(exported["parseq-micro"]), ReadingConfig())
    assert plain.language_model == ""  # type: ignore[attr-defined]
    columns = open_recognizer(str(exported["vit-ctc-micro"]), ReadingConfig())
    assert columns.language_model.startswith("nordic")  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="language model works with CTC models only; PARSeq"):
        open_recognizer(str(exported["parseq-micro"]), ReadingConfig(lm="nordic"))
    shared = open_recognizer(str(exported["parseq-micro"]), ReadingConfig(lm="nordic"), shared=True)
    assert shared.language_model == ""  # type: ignore[attr-defined]


def test_an_export_of_another_family_is_not_trained_on(exported: dict[str, Path]) -> None:
    for name, path in exported.items():
        said = f"of the family {name.removesuffix('-micro')}, .* start from the weights file"
        with pytest.raises(ModelInvalid, match=said):
            model_from_onnx(path)


def test_what_parseq_is_not_exported_to_is_refused(sources: dict[str, Source], tmp_path: Path) -> None:
    for export in (export_fp16, export_int8):
        with pytest.raises(UsageError, match=r"PARSeq cannot be exported to \w+; it can be exported to fp32"):
            export(sources["parseq-micro"], tmp_path / "no.onnx")  # type: ignore[operator]
    assert not list(tmp_path.iterdir())


def graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs(attribute.g)


def test_the_loop_stays_a_loop_and_no_constant_is_infinite(sources: dict[str, Source]) -> None:
    proto = sources["parseq-micro"].proto
    found = [node.op_type for graph in graphs(proto.graph) for node in graph.node]
    assert found.count("Loop") == 1 and len(found) < 1500
    for graph in graphs(proto.graph):
        held = [a.t for node in graph.node for a in node.attribute if a.HasField("t")]
        for tensor in [*graph.initializer, *held]:
            values = onnx.numpy_helper.to_array(tensor)
            assert values.dtype.kind != "f" or np.isfinite(values).all(), tensor.name


def test_it_ends_when_all_lines_have_ended_and_an_empty_line_is_finite(sources: dict[str, Source]) -> None:
    source = sources["parseq-micro"]
    score = onnx_scorer(source.proto.SerializeToString(), threads=1)
    white = score(np.ones((2, 3, 32, 64), np.float32))
    assert white.shape == (2, 161, 126) and np.isfinite(white).all()


def test_a_checkpoint_whose_family_and_variant_disagree_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, build_model("parseq-micro"), LineSpec(), {})
    with pytest.raises(ModelInvalid, match="names the family 'svtrv2', but its variant 'parseq-micro' is of 'parseq'"):
        load_model(path)


def test_wide_lines_are_split_at_the_position_grids_end() -> None:
    for name in ("parseq", "vit-ctc"):
        assert family_of(LineSpec(family=name)).ceiling(LineSpec(family=name)) == 1024
