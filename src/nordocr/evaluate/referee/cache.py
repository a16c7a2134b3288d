"""Keep answers on disk: no crop is asked about twice with the same model and prompt.

One JSON file an answer, named by the SHA-256 of the crop's PNG bytes, the model and the prompt, in 256 folders. Files
appear whole or not at all, so that a process can be killed at any moment and go on later. A file that cannot be read
counts as not there. Addresses and keys are no part of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from nordocr.files import write_whole
from nordocr.jsontext import load_json


@dataclass(frozen=True)
class AnswerCache:
    """A cache of answers.

    Attributes:
        folder: Where the answers are.
        model: The model that was asked.
        prompt: The question.
    """

    folder: Path
    model: str
    prompt: str

    def key(self, png: bytes) -> str:
        """Return 64 hexadecimal digits that stand for a crop, the model and the prompt."""
        digest = hashlib.sha256()
        for part in (png, self.model.encode("utf-8"), self.prompt.encode("utf-8")):
            digest.update(len(part).to_bytes(8, "big"))  # so that no two triples share their bytes
            digest.update(part)
        return digest.hexdigest()

    def get(self, key: str) -> str | None:
        """Return the raw answer, None where there is none that can be read."""
        try:
            held = load_json(self._path(key).read_bytes())
            answer = held["answer"] if held["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return answer if isinstance(answer, str) else None

    def put(self, key: str, answer: str) -> None:
        """Keep an answer.

        Raises:
            OutputUnwritable: The file cannot be written.
        """
        path = self._path(key)
        content = {"key": key, "model": self.model, "prompt": self.prompt, "answer": answer}
        write_whole(path, json.dumps(content, ensure_ascii=False, indent=1))

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"
