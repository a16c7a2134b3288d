"""The pool of verified faces, and drawing a face from it for a text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from nordocr.charset import Charset
from nordocr.errors import DataInvalid
from nordocr.synth.fonts.cache import verified
from nordocr.synth.fonts.config import GROUPS, FontConfig
from nordocr.synth.fonts.discover import font_files
from nordocr.synth.fonts.names import held_out

FEWEST_FAMILIES: Final = 4
"""Families below which a group teaches its few faces and not its kind; see :meth:`FontPool.shortages`."""

_SPACES: Final = frozenset(" \u00a0\u2009\u202f")
_REMEMBERED: Final = 4096


@dataclass(frozen=True)
class Face:
    """One face that truly draws ``covered``: face ``index`` of the font file at ``path``.

    ``family`` is normalised (``liberation sans``), ``style`` as the font names it, ``group`` one of
    :data:`~nordocr.synth.fonts.config.GROUPS`; ``held_out`` families are for validation.
    """

    path: str
    index: int
    family: str
    style: str
    group: str
    held_out: bool
    covered: frozenset[str]


@dataclass(frozen=True)
class _Table:
    """The faces that can draw a text, ready to draw from: cumulative shares, and faces by group and family."""

    cumulative: tuple[float, ...]
    families: tuple[tuple[tuple[Face, ...], ...], ...]


class FontPool:
    """Faces in an order that depends on the fonts alone, and the share of each group.

    ``refused`` counts the faces left out by reason. Two pools of the same font files draw the same faces from the same
    generator, whatever folder or process they are in.
    """

    def __init__(
        self, faces: Sequence[Face], shares: Mapping[str, float], refused: Mapping[str, int] | None = None
    ) -> None:
        self.faces: tuple[Face, ...] = tuple(faces)
        self.shares: dict[str, float] = {group: float(shares.get(group, 0.0)) for group in GROUPS}
        self.refused: dict[str, int] = dict(sorted((refused or {}).items()))
        common = frozenset.intersection(*(face.covered for face in self.faces)) if self.faces else frozenset()
        self._always = common | _SPACES
        self._tables: dict[frozenset[str], _Table] = {}

    def sample(self, rng: np.random.Generator, text: str) -> Face:
        """Return a face that draws every character of ``text`` (spaces aside): group by share, then family, then face.

        Groups without such a face are passed over and the other shares scaled up. Takes three draws from ``rng``.

        Raises:
            DataInvalid: If no face of a group with a share covers the text.
        """
        needed = frozenset(text) - self._always
        table = self._tables.get(needed)
        if table is None:
            table = self._table(needed)
            if len(self._tables) < _REMEMBERED:
                self._tables[needed] = table
        if not table.cumulative:
            raise DataInvalid(f"No font of the pool draws every character of {text!r}: {''.join(sorted(needed))!r}.")
        where, family, face = rng.random(3)
        group = int(np.searchsorted(table.cumulative, where * table.cumulative[-1], side="right"))
        families = table.families[min(group, len(table.families) - 1)]
        members = families[int(family * len(families))]
        return members[int(face * len(members))]

    def _table(self, needed: frozenset[str]) -> _Table:
        groups: dict[str, dict[str, list[Face]]] = defaultdict(lambda: defaultdict(list))
        for face in self.faces:
            if needed <= face.covered and self.shares[face.group] > 0:
                groups[face.group][face.family].append(face)
        present = [group for group in GROUPS if group in groups]
        cumulative = np.cumsum([self.shares[group] for group in present])
        families = (tuple(tuple(members) for members in groups[group].values()) for group in present)
        return _Table(tuple(cumulative.tolist()), tuple(families))

    def shortages(self) -> list[str]:
        """Return one sentence where groups with a share have fewer than :data:`FEWEST_FAMILIES` families, or nothing.

        A machine with the few fonts of a server image still makes lines, all of them alike: a model trained on them
        reads no other face, which should be said before hours of training.
        """
        counts = self.counts()
        thin = [
            f"{group} {families}"
            for group, (_, families) in counts.items()
            if self.shares[group] > 0 and families < FEWEST_FAMILIES
        ]
        if not thin:
            return []
        return [
            f"The font pool is poor: {len(self.faces)} faces; families in its thinnest groups: {', '.join(thin)}. "
            "A model reads the faces that it was shown: docs/fonts.md lists packages to install."
        ]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return (faces, families) of each group."""
        faces = Counter(face.group for face in self.faces)
        families = Counter(group for group, _ in {(face.group, face.family) for face in self.faces})
        return {group: (faces[group], families[group]) for group in GROUPS}


def load_pool(config: FontConfig, charset: Charset, progress: Callable[[int, int], None] | None = None) -> FontPool:
    """Find, verify and group the fonts that ``config`` names. Results are kept within the process and on disk.

    Args:
        config: Folders, shares and split.
        charset: The characters that faces are examined for.
        progress: Called with (files done, files in all).

    Raises:
        InputMissing: If a folder does not exist.
        DataInvalid: If no face remains.
    """
    faces, refused = _all_faces(config.folders, charset.characters, _Quiet(progress))
    chosen = [f for f in faces if config.split == "all" or f.held_out == (config.split == "validation")]
    if not chosen:
        where = ", ".join(config.folders) or "the system's font folders"
        raise DataInvalid(f"No usable {config.split} font was found in {where}.")
    return FontPool(chosen, config.shares, refused)


class _Quiet:
    """A progress callback that is the same key to ``lru_cache`` whatever it calls."""

    def __init__(self, call: Callable[[int, int], None] | None) -> None:
        self.call = call

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Quiet)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=8)
def _all_faces(folders: tuple[str, ...], characters: str, progress: _Quiet) -> tuple[tuple[Face, ...], dict[str, int]]:
    refused: Counter[str] = Counter()
    kept = []
    for path, record in verified(font_files(folders), characters, progress.call):
        if record.refused:
            refused[record.refused] += 1
        else:
            kept.append((path, record))
    # The order must not know of folders: names first, then what the file holds. The path only breaks ties of copies.
    kept.sort(key=lambda item: (item[1].identity, -len(item[1].covered), item[1].digest, item[1].index, str(item[0])))
    faces = []
    seen: set[str] = set()
    for path, record in kept:
        if record.identity in seen:
            refused["the same face in another file"] += 1
            continue
        seen.add(record.identity)
        out = held_out(record.family)
        covers = frozenset(record.covered)
        faces.append(Face(str(path), record.index, record.family, record.style, record.group, out, covers))
    return tuple(faces), dict(refused)
