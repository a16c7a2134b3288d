"""PP-OCR's recogniser on the crops of a labels folder, in an environment of its own.

    python benchmarks/peers/rapidocr_lines.py --venv DIR LABELS_FOLDER PREDICTIONS.tsv

makes a virtual environment in DIR where there is none, installs the pinned ``rapidocr.txt`` into it, and runs this
script again inside it. Each crop goes to the recogniser alone through rapidocr's public call (``use_det=False,
use_cls=False``): one at a time, because rapidocr pads a batch to its widest line and a line's text then depends on its
neighbours. PREDICTIONS.tsv gets ``filename``, ``text``, ``confidence`` (unquoted); one line of JSON on stdout says
versions, model file, threads and seconds of reading.

rapidocr needs an OpenCV and a NumPy that nordocr must not be tied to, and nordocr's figures must not depend on what it
installs: hence the environment of its own and no import of nordocr here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("rapidocr.txt")
_INSIDE = "NORDOCR_RAPIDOCR_INSIDE"
_SPACES = dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="labels folder (images/ and labels.tsv)")
    parser.add_argument("predictions", type=Path, help="table to write")
    parser.add_argument("--venv", type=Path, required=True, help="folder of the environment, made where missing")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--limit", type=int, default=None, help="read only the first lines")
    arguments = parser.parse_args()
    return inside(arguments, Path(__file__), read)


def inside(arguments: argparse.Namespace, script: Path, read: Callable[[argparse.Namespace], None]) -> int:
    """``read`` in the environment ``arguments.venv``: here, if this is it, else by ``script`` again; the exit code."""
    if os.environ.get(_INSIDE) == "1":
        read(arguments)
        return 0
    command = [str(environment(arguments.venv)), str(script.resolve()), *sys.argv[1:]]
    return subprocess.run(command, env=os.environ | {_INSIDE: "1"}, check=False).returncode


def environment(folder: Path) -> Path:
    """The Python of the environment in ``folder``, which is made and filled where it does not hold the pins."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "nordocr-requirements.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def read(arguments: argparse.Namespace) -> None:
    """Inside the environment: read the folder's crops and write the predictions."""
    import cv2
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": arguments.threads,
        }
    )
    names = filenames(arguments.folder)[: arguments.limit]
    # BGR, as rapidocr's own loader gives it; imdecode, because imread fails on some Windows paths.
    crops = [
        cv2.imdecode(np.fromfile(arguments.folder / "images" / name, dtype=np.uint8), cv2.IMREAD_COLOR)
        for name in names
    ]
    results = []
    started = time.perf_counter()
    for crop in crops:
        output = engine(crop, use_det=False, use_cls=False, use_rec=True)
        results.append((output.txts[0], float(output.scores[0])) if output.txts else ("", 0.0))
    seconds = time.perf_counter() - started
    with arguments.predictions.open("w", encoding="utf-8", newline="\n") as file:
        file.write("filename\ttext\tconfidence\n")
        for name, (text, confidence) in zip(names, results, strict=True):
            file.write(f"{name}\t{text.translate(_SPACES)}\t{confidence:.4f}\n")
    config = engine.cfg
    file_name = f"{config.Rec.ocr_version.value}_rec_{config.Rec.model_type.value}.onnx"
    model = Path(config.Global.model_root_dir) / file_name
    about = {
        "rapidocr": metadata.version("rapidocr"),
        "onnxruntime": metadata.version("onnxruntime"),
        "model": file_name,
        "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest() if model.is_file() else "",
        "seconds": round(seconds, 3),
        "lines": len(names),
        "threads": arguments.threads,
    }
    print(json.dumps(about))


def filenames(folder: Path) -> list[str]:
    """The first column named ``filename`` of the folder's table, whose images exist; without repeats."""
    lines = (folder / "labels.tsv").read_bytes().decode("utf-8-sig").split("\n")
    column = lines[0].rstrip("\r").split("\t").index("filename")
    names = [line.split("\t")[column] for line in lines[1:] if line.count("\t") >= column and line]
    return [name for name in dict.fromkeys(names) if (folder / "images" / name).is_file()]


if __name__ == "__main__":
    sys.exit(main())
