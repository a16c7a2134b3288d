"""Reading in a freshly spawned process, the only kind that Windows and macOS have."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from nordocr.config import ReadingConfig
from nordocr.pipeline.reader import read_document


def test_a_spawned_process_reads_the_same(scan: Path, model: Path) -> None:
    config = ReadingConfig(recognizer=str(model), threads=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        elsewhere = pool.apply(read_document, (scan, config))
    here = read_document(scan, config)
    assert elsewhere.pages == here.pages
    assert len(here.pages) == 3
    assert len(here.engine.model_sha256) == 64
