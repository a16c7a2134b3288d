"""Fuzz targets: one function for each parser of what strangers write.

A target takes any bytes. It returns, or raises one of nordocr's own errors, which :func:`guarded` swallows; whatever
else it raises is a defect.
"""

from __future__ import annotations

import functools
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import yaml

from nordocr.errors import NordocrError
from nordocr.limits import Limits

Target = Callable[[bytes], None]

LIMITS: Final = Limits(max_pixels=2_000_000, max_pages=20, max_seconds=10)
"""Small, so that a target is called often."""


@functools.cache
def _folder() -> Path:
    held = tempfile.TemporaryDirectory(prefix="nordocr-fuzz-")
    _kept.append(held)
    return Path(held.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def tiff(data: bytes) -> None:
    """TIFF directories, and the choice of who decodes a file."""
    from nordocr.pages.costly import is_costly
    from nordocr.pages.tiff import Directories, no_pages

    file = io.BytesIO(data)
    no_pages(file, len(data))
    is_costly(file, len(data))
    try:
        directories = Directories(file, len(data))
        while directories.advance():
            pass
    except ValueError:
        pass


def image(data: bytes) -> None:
    """Image files, as they are decoded in the reading process."""
    from nordocr.pages.costly import is_costly
    from nordocr.pages.raster import raster_pages

    if is_costly(io.BytesIO(data), len(data)):
        return
    with closing(raster_pages(_file("page", data), LIMITS, None)) as pages:
        for _ in pages:
            pass


def aside(data: bytes) -> None:
    """PDF and costly image files, in the processes that decode them."""
    from nordocr.pages import open_pages

    with closing(open_pages(_file("page", data), LIMITS)) as pages:
        for _ in pages:
            pass


def selection(data: bytes) -> None:
    """Page selections of the command line."""
    from nordocr.pages import parse_selection

    parse_selection(data.decode("utf-8", "surrogateescape"))


def configuration(data: bytes) -> None:
    """YAML and JSON: configurations, recipes, plans of retraining."""
    from nordocr.config import load_config
    from nordocr.retrain.plan import load_plan
    from nordocr.synth.pages.recipe import load_page_recipe
    from nordocr.synth.recipe import load_synth_recipe
    from nordocr.train.detector.recipe import load_detector_recipe
    from nordocr.train.recipe_files import load_recipe
    from nordocr.yamlfile import load_yaml

    yes, no = _file("config.yaml", data), _file("config.json", data)
    readers: tuple[Callable[[], object], ...] = (
        lambda: load_config(yes),
        lambda: load_config(no),
        lambda: load_plan(yes),
        lambda: load_recipe(str(yes), [f"seed={data[:60].decode('utf-8', 'replace')}"]),
        lambda: load_synth_recipe(str(yes)),
        lambda: load_page_recipe(yes),
        lambda: load_detector_recipe(str(yes)),
    )
    for read in readers:
        with suppress(NordocrError):
            read()
    with suppress(yaml.YAMLError):
        load_yaml(data.decode("utf-8", "replace"))


def labels(data: bytes) -> None:
    """Tables of labels, ours and those of other programs."""
    from nordocr.data.labels import TABLE
    from nordocr.data.stats import label_stats

    _file("labels/images/a.png", b"")
    _file(f"labels/{TABLE}", data)
    label_stats(_folder() / "labels")


def results(data: bytes) -> None:
    """Results: read again by convert, compare and the gate."""
    from nordocr.evaluate.compare.gate_input import gate_input
    from nordocr.evaluate.documents.readings import read_readings
    from nordocr.formats import FORMATS, open_format
    from nordocr.results import read_result

    path = _file("result.json", data)
    for read in (lambda: read_readings(path), lambda: gate_input(path, path, reference=path)):
        with suppress(NordocrError):
            read()
    document = read_result(path)
    for name in FORMATS:
        if name == "pdf":
            continue
        written = open_format(name)
        for one in document.pages:
            written.page(document.source, one)
        written.end(document)


def truth(data: bytes) -> None:
    """Page truth: tables, ALTO and PAGE."""
    from nordocr.evaluate.documents.pagexml import parse_xml
    from nordocr.evaluate.documents.truth import read_reference

    documents = [Path("page.tif")]
    for name in ("truth.tsv", "truth.xml", "truth.json"):
        with suppress(NordocrError):
            read_reference(_file(name, data), documents)
    parse_xml(data, Path("page.xml"))


def referee(data: bytes) -> None:
    """Answers of a vision-language model."""
    from nordocr.evaluate.referee.answer import clean_answer
    from nordocr.evaluate.referee.client import AnswerFailed, VlmClient, VlmSettings
    from nordocr.jsontext import load_json

    client = VlmClient(VlmSettings("http://localhost/v1", "m", "a secret key".replace(" ", "-")))
    try:
        text = client._answer(load_json(data))
    except (AnswerFailed, ValueError):
        text = data.decode("utf-8", "replace")
    clean_answer(client.scrubbed(text)).text.encode("utf-8")


def weights(data: bytes) -> None:
    """Weights, language models, LineSpecs, dictionaries, and what is no model at all."""
    from nordocr.charset import read_dict_file
    from nordocr.linespec import LineSpec
    from nordocr.lm.file import load_model
    from nordocr.model.weights import read_weights, require_whole
    from nordocr.recognize.modelspec import read_linespec
    from nordocr.recognize.sniff import refuse_what_is_no_model

    path = _file("model.safetensors", data)
    readers: tuple[Callable[[], object], ...] = (
        lambda: read_weights(path),
        lambda: load_model(path),
        lambda: refuse_what_is_no_model(path),
        lambda: read_linespec(_file("model_meta.yaml", data)),
        lambda: read_linespec(_file("model.json", data)),
        lambda: LineSpec.from_json(data.decode("utf-8", "replace"), path),
        lambda: read_dict_file(_file("dict.txt", data)),
    )
    for read in readers:
        with suppress(NordocrError):
            read()
    with suppress(ValueError):
        require_whole(path)


TARGETS: Final[dict[str, Target]] = {
    target.__name__: target
    for target in (tiff, image, aside, selection, configuration, labels, results, truth, referee, weights)
}


def guarded(target: Target) -> Target:
    """Return the target without nordocr's own errors, which are answers and no defects."""

    @functools.wraps(target)
    def call(data: bytes) -> None:
        try:
            target(data)
        except NordocrError as error:
            json.dumps(str(error)).encode("ascii")

    return call
