"""What a family of recognisers is: everything that would otherwise be asked with "is this CTC?".

The reading half of a family (its scores and how they become text) is here and imports no torch; the network itself, its
variants and its loss are one class of the lab, which the family names and which is imported when it is asked for.
"""

from __future__ import annotations

import importlib
import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final, TypeVar

import numpy as np
import numpy.typing as npt

from nordocr.ctc import Decoded
from nordocr.errors import UsageError
from nordocr.linespec import LineSpec

Scores = npt.NDArray[np.floating]
Counts = TypeVar("Counts", int, npt.NDArray[np.int64])

EVERY_FORMAT: Final = frozenset({"fp32", "fp16", "int8", "openvino", "tensorrt"})
"""What ``nordocr export`` writes."""


def repeats(label: Sequence[int] | str) -> int:
    """Count the characters of a label that are equal to the one before them."""
    return sum(a == b for a, b in itertools.pairwise(label))


class Family(ABC):
    """One way from pixels to text. Stateless; the only objects are those of :data:`nordocr.families.FAMILIES`."""

    name: ClassVar[str]
    """Its name in LineSpecs, checkpoints, model metadata and file names."""

    title: ClassVar[str]
    """Its name in model cards and messages."""

    decoder: ClassVar[str]
    """What a ``*_meta.yaml`` calls the way from scores to text."""

    reading: ClassVar[str]
    """The same in a model card."""

    first_class: ClassVar[str]
    """What class 0 is, in a model card."""

    network: ClassVar[str]
    """``module:class`` of the network, a :class:`nordocr.model.base.LineNetwork`."""

    formats: ClassVar[frozenset[str]] = EVERY_FORMAT
    """Which of :data:`EVERY_FORMAT` the network can be exported to."""

    columns: ClassVar[bool]
    """Whether row t of the scores belongs to columns t of the line, as CTC's searches (language model, label
    likelihoods) need it."""

    @abstractmethod
    def rows(self, spec: LineSpec, width: int) -> int:
        """Return how many rows of scores the network gives for an input ``width`` pixels wide."""

    @abstractmethod
    def rows_said(self, spec: LineSpec) -> str:
        """Return the number of rows as a model card says it."""

    @abstractmethod
    def learned_rows(self, spec: LineSpec, width: int, characters: int) -> int:
        """Return how many of these rows the loss of a line looks at: ``width`` pixels, a label of ``characters``."""

    @abstractmethod
    def ceiling(self, spec: LineSpec) -> int:
        """Return the widest input in pixels that the network may be asked to read."""

    @abstractmethod
    def room(self, spec: LineSpec, width: int) -> int:
        """Return how much label a line of ``width`` pixels has room for, in the unit of :meth:`needed`."""

    @abstractmethod
    def needed(self, characters: Counts, repeats: Counts) -> Counts:
        """Return the room that labels need, of which ``repeats`` characters are equal to the one before them."""

    def fits(self, label: Sequence[int] | str, spec: LineSpec, width: int) -> bool:
        """Decide whether a line ``width`` pixels wide can be trained on with a label (classes or text)."""
        return self.needed(len(label), repeats(label)) <= self.room(spec, width)

    @abstractmethod
    def decode(self, scores: Scores, spec: LineSpec, width: int, temperature: float = 1.0) -> Decoded:
        """Decode one line.

        Args:
            scores: ``[rows, classes]``, logits or probabilities as ``spec.output`` says, perhaps of a padded batch.
            spec: The line contract.
            width: The line's own unpadded width in pixels.
            temperature: What logits are divided by before softmax; it changes no text.

        Returns:
            The text, and characters with the rows of ``scores`` that they were read from.

        Raises:
            ModelInvalid: The scores have another shape than the family's, or are not finite.
        """

    def decode_batch(
        self, scores: Scores, spec: LineSpec, widths: Sequence[int], temperature: float = 1.0
    ) -> list[Decoded]:
        """Decode a batch ``[B, rows, classes]``, each item over its own unpadded width in pixels."""
        return [self.decode(item, spec, width, temperature) for item, width in zip(scores, widths, strict=True)]

    def require_columns(self, what: str) -> None:
        """Raise :class:`UsageError` where ``what`` is asked for but scores do not follow the line's columns."""
        if not self.columns:
            raise UsageError(f"{what} works with CTC models only; {self.title} does not read a line column by column.")

    def require_format(self, kind: str) -> None:
        """Raise :class:`UsageError` unless the network can be exported to ``kind``, one of :data:`EVERY_FORMAT`."""
        if kind not in self.formats:
            able = ", ".join(sorted(self.formats))
            raise UsageError(f"{self.title} cannot be exported to {kind}; it can be exported to {able}.")

    def network_class(self) -> Any:
        """Import and return the network's class; ImportError without torch."""
        module, _, name = self.network.partition(":")
        return getattr(importlib.import_module(module), name)
