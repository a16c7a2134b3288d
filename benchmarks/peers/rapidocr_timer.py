"""Times PP-OCR's recogniser on crops, a round whenever a line comes in: the other half of ``../recognize.py``.

Runs inside the environment that ``rapidocr_lines.py`` makes. The crops of the labels folder are in memory before the
first round. Each line on stdin starts a round; each round answers with one line of JSON: seconds, and the texts in the
first round. ``--batch`` hands all crops to its recogniser at once, which batches six lines of similar width;
without it every crop goes through the public call alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of images, read in the order of their names")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", action="store_true")
    parser.add_argument("--processor", action="store_true", help="count processor seconds, not the clock's")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.processor else time.perf_counter
    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": arguments.threads}
    engine = RapidOCR(params={"Global.log_level": "error", **threads})
    paths = sorted(arguments.folder.glob("*.png"))
    decoded = (cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR) for path in paths)
    crops = [crop for crop in decoded if crop is not None]
    if len(crops) < len(paths):
        raise SystemExit(f"{len(paths) - len(crops)} of {len(paths)} crops cannot be decoded")
    read = together if arguments.batch else one_by_one
    tell({"version": metadata.version("rapidocr"), "lines": len(crops)})
    for number, _ in enumerate(sys.stdin):
        started = clock()
        texts = read(engine, crops)
        answer: dict[str, Any] = {"seconds": clock() - started}
        tell(answer if number else answer | {"texts": texts})


def one_by_one(engine: Any, crops: list[np.ndarray]) -> list[str]:
    results = [engine(crop, use_det=False, use_cls=False, use_rec=True) for crop in crops]
    return [result.txts[0] if result.txts else "" for result in results]


def together(engine: Any, crops: list[np.ndarray]) -> list[str]:
    return list(engine.recognize_txt(crops).txts)


def tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
