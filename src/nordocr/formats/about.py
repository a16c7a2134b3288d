"""What a file may say of itself besides the pages' text."""

from __future__ import annotations

from dataclasses import dataclass

from nordocr import __version__
from nordocr.results import Engine


@dataclass(frozen=True)
class About:
    """Who read, and in which language the text is.

    Attributes:
        engine: Who read; None where that is not known yet.
        said: The text's language as a BCP 47 tag (``sv``, ``nb``), where somebody said it.
    """

    engine: Engine | None = None
    said: str | None = None

    @property
    def language(self) -> str | None:
        """The text's language as a BCP 47 tag: the one that was said, else the one that was read for, if it was one."""
        if self.said:
            return self.said
        languages = self.engine.languages if self.engine is not None else []
        return languages[0] if len(languages) == 1 else None

    @property
    def software(self) -> tuple[str, str]:
        """The name and the version of the program."""
        return "nordocr", self.engine.nordocr if self.engine is not None else __version__

    def settings(self) -> str:
        """Return the recogniser, its model and the detector in one line; empty where that is not known."""
        if self.engine is None:
            return ""
        named = {"recognizer": self.engine.recognizer, "model": self.engine.model, "detector": self.engine.detector}
        named["model_sha256"] = self.engine.model_sha256
        named["lm"] = self.engine.language_model.replace(" ", "_")
        return " ".join(f"{key}={value}" for key, value in named.items() if value)
