"""Whom to ask: recognisers of ours, Tesseract, PP-OCR by rapidocr, a vision-language model."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from nordocr.config import settings
from nordocr.data.crops import encode_png
from nordocr.errors import EngineUnavailable
from nordocr.evaluate.referee.answer import AnswerKind
from nordocr.evaluate.referee.cache import AnswerCache
from nordocr.evaluate.referee.client import VlmClient, VlmSettings
from nordocr.evaluate.referee.judge import judge
from nordocr.recognize.base import Crop, Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.tune.autolabel.agree import Opinion

RAPIDOCR: Final = "rapidocr"
"""The name of PP-OCR's recogniser as the package rapidocr runs it."""


class Voice(Protocol):
    """Somebody to ask about lines."""

    name: str
    """What labels call it."""

    key: str
    """What its answers depend on beside the image: a checksum or version."""

    def read(self, crops: Sequence[Crop]) -> list[Opinion]:
        """Return what it reads in each crop."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


class RecognizerVoice:
    """A recogniser of nordocr's registry, which is closed with it."""

    def __init__(self, name: str, recognizer: Recognizer) -> None:
        self.name = name
        self.key = f"{recognizer.name} {recognizer.model_sha256 or recognizer.model}"
        self.recognizer = recognizer

    def read(self, crops: Sequence[Crop]) -> list[Opinion]:
        """Return what it reads in each crop."""
        return [Opinion(self.name, line.text, line.confidence) for line in self.recognizer.read(crops)]

    def close(self) -> None:
        """Close the recogniser."""
        self.recognizer.close()


class RapidVoice:
    """PP-OCR's recogniser by rapidocr, one crop at a time: in a batch its text would depend on the neighbours.

    Raises :class:`EngineUnavailable` where rapidocr is not installed.
    """

    def __init__(self, threads: int = 0) -> None:
        if importlib.util.find_spec(RAPIDOCR) is None:
            raise EngineUnavailable("The engine rapidocr needs the package of that name: pip install rapidocr.")
        module: Any = importlib.import_module(RAPIDOCR)
        params = {"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1}
        self.name = RAPIDOCR
        self.key = f"rapidocr {getattr(module, '__version__', '')}"
        self._engine: Any = module.RapidOCR(params=params)

    def read(self, crops: Sequence[Crop]) -> list[Opinion]:
        """Return what it reads in each crop."""
        found = []
        for crop in crops:
            code = cv2.COLOR_GRAY2BGR if crop.ndim == 2 else cv2.COLOR_RGB2BGR
            answer = self._engine(np.asarray(cv2.cvtColor(crop, code)), use_det=False, use_cls=False, use_rec=True)
            text, sure = (answer.txts or ("",))[0], (answer.scores or (0.0,))[0]
            found.append(Opinion(self.name, str(text), float(sure)))
        return found

    def close(self) -> None:
        """Do nothing: rapidocr frees itself."""


class VlmVoice:
    """A vision-language model; its answers are kept on disk and not asked for again.

    Args:
        asked: Address, model, key and prompt.
        cache: Folder of the answers.
        workers: Questions in flight at one time.
    """

    def __init__(self, asked: VlmSettings, cache: Path, workers: int = 8) -> None:
        self.name = asked.model
        self.key = f"vlm {asked.model} {asked.prompt}"
        self._client = VlmClient(asked)
        self._cache = AnswerCache(cache, asked.model, asked.prompt)
        self._workers = workers

    def read(self, crops: Sequence[Crop]) -> list[Opinion]:
        """Return what it reads in each crop; "" where it refuses or does not answer."""
        answers, _ = judge([encode_png(crop) for crop in crops], self._client, self._cache, workers=self._workers)
        texts = [answer.text if answer and answer.kind is AnswerKind.TEXT else "" for answer in answers]
        return [Opinion(self.name, text, None) for text in texts]

    def close(self) -> None:
        """Do nothing: connections end with each question."""


def open_voices(names: Sequence[str], threads: int = 0) -> list[Voice]:
    """Open engines by name: bundled, installed and exported models, ``tesseract``, ``rapidocr``.

    The language model is left out: two engines that it corrects alike would agree on its own opinion.

    Raises:
        EngineUnavailable: An engine is not installed.
        ModelMissing: There is no such model.
    """
    opened: list[Voice] = []
    try:
        for name in names:
            if name == RAPIDOCR:
                opened.append(RapidVoice(threads))
                continue
            given = {"recognizer": name, "threads": threads} | ({} if name == "tesseract" else {"lm": "none"})
            taken, stem = {voice.name for voice in opened}, Path(name).stem
            opened.append(
                RecognizerVoice(name if stem in taken else stem, open_recognizer(name, settings(None, given)))
            )
    except BaseException:
        for voice in opened:
            voice.close()
        raise
    return opened
