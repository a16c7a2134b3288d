"""PP-OCR's detector and recogniser on whole pages, in an environment of its own.

    python benchmarks/peers/rapidocr_pages.py --venv DIR FOLDER RESULTS.json

reads every PNG of FOLDER through rapidocr's public call and writes, for each, its lines in rapidocr's own order with
boxes ``[x, y, width, height]`` in pixels, and the seconds that it took, decoding included. The environment is that of
``rapidocr_lines.py``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from rapidocr_lines import inside


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of PNG pages")
    parser.add_argument("results", type=Path, help="JSON file to write")
    parser.add_argument("--venv", type=Path, required=True, help="folder of the environment, made where missing")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    code: int = inside(arguments, Path(__file__), read)
    return code


def read(arguments: argparse.Namespace) -> None:
    """Inside the environment: read the pages and write what was found."""
    import cv2
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": arguments.threads}
    )
    pages: dict[str, Any] = {}
    for path in sorted(arguments.folder.glob("*.png")):
        started = time.perf_counter()
        image = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
        output = engine(image)
        seconds = time.perf_counter() - started
        found = [] if output.boxes is None else zip(output.boxes, output.txts, strict=True)
        pages[path.stem] = {"seconds": seconds, "lines": [[*box(corners), text] for corners, text in found]}
    config = engine.cfg
    about = {
        "version": metadata.version("rapidocr"),
        "model": f"{config.Det.ocr_version.value} {config.Det.model_type.value}",
        "pages": pages,
    }
    arguments.results.write_text(json.dumps(about), encoding="utf-8")


def box(corners: Any) -> list[int]:
    """The upright box around four corners (x, y)."""
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return [
        max(0, round(float(left))),
        max(0, round(float(top))),
        round(float(right - left)),
        round(float(bottom - top)),
    ]


if __name__ == "__main__":
    sys.exit(main())
