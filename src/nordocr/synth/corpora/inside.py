"""Filter texts by charset: keep them whole, keep runs of whole words, or refuse them. Text is never edited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from nordocr.charset import Charset, fold_homoglyphs, nfc


class Inside:
    """Tell texts inside a charset from others, and count what is refused.

    Attributes:
        charset: The charset.
        skipped: How often each reason for refusal was met: ``character U+00E9 é`` for each outside character of a
            corpus, and one phrase for each kind of entry that was left out or cut.
    """

    def __init__(self, charset: Charset) -> None:
        self.charset = charset
        self.skipped: Counter[str] = Counter()
        members = "".join(re.escape(c) for c in charset.characters)
        self._outside = re.compile(f"[^{members}]")
        self._fits = re.compile(f"[{members}]+")

    def holds(self, text: str) -> bool:
        """Return whether ``text`` has at least one character and all of them are in the charset."""
        return self._fits.fullmatch(text) is not None

    def keep(self, texts: Iterable[str], reason: str) -> list[str]:
        """Return the texts inside the charset, in NFC.

        Args:
            texts: The texts.
            reason: What the refused ones are counted under.
        """
        kept = []
        for text in texts:
            text = fold_homoglyphs(nfc(text), self.charset)
            if self.holds(text):
                kept.append(text)
            else:
                self.skipped[reason] += 1
        return kept

    def stretches(self, line: str, shortest: int) -> list[str]:
        """Return the line if it is inside the charset, else its runs of whole words that are.

        Every outside character is counted, and so is the line: as cut where a run is left, as skipped where none is.

        Args:
            line: Text in NFC with single spaces.
            shortest: Characters that a run must have.
        """
        line = fold_homoglyphs(line, self.charset)
        outside = self._outside.findall(line)
        if not outside:
            return [line]
        self.skipped.update(f"character U+{ord(c):04X} {c}" for c in outside)
        runs: list[list[str]] = [[]]
        for word in line.split(" "):
            if self._outside.search(word):
                runs.append([])
            else:
                runs[-1].append(word)
        kept = [run for run in map(" ".join, runs) if len(run) >= shortest]
        self.skipped[
            "corpus line cut at characters outside the charset" if kept else "corpus line outside the charset"
        ] += 1
        return kept
