"""The language model: an n-gram backoff model over characters, held as one sorted table and asked many at once.

The n-grams form a trie. Node 0 is the root, a node of depth ``k`` stands for a string of ``k`` symbols, and nodes are
numbered breadth first, so that the keys ``parent << 8 | symbol`` of nodes 1, 2, ... rise and one binary search finds
any of them. All digits are one symbol: the model knows where a digit stands, never which. So are the quotation marks of
one kind and the dashes, because texts for one language model come with other habits of typing than the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

DIGITS: Final = "0123456789"
DIGIT: Final = "0"
"""The symbol that stands for every digit."""

ALIKE: Final = dict.fromkeys(DIGITS, DIGIT) | dict.fromkeys("“”„«»", '"') | dict.fromkeys("’‘´`", "'") | {"—": "–"}
"""Characters that the model takes for another one."""

QUANTUM: Final = 1 / 16
"""Logarithms are held in sixteenths of a nat."""

BACKOFF_TOP: Final = 2.0
"""The highest backoff weight's logarithm that can be held."""

Nodes = npt.NDArray[np.uint32]
"""``[..., order]``: of a text's last 0, 1, ... ``order - 1`` symbols the node that stands for them."""


@dataclass(frozen=True)
class LanguageModel:
    """An n-gram model.

    Attributes:
        order: Symbols of the longest n-gram.
        symbols: The characters that the model knows; symbol ``i`` is ``symbols[i]``, and ``len(symbols)`` any other.
        keys: uint32, rising, of nodes 1 and up.
        probabilities: float32, natural logarithms, of nodes 1 and up: the last symbol's after the others.
        backoffs: float32, natural logarithms, of the nodes that may have children; one more at the end, 0.
        name: The file's name.
        sha256: The file's checksum in hexadecimal.
        made_of: What the model was built from, one sentence a source.
    """

    order: int
    symbols: str
    keys: npt.NDArray[np.uint32]
    probabilities: npt.NDArray[np.float32]
    backoffs: npt.NDArray[np.float32]
    name: str = ""
    sha256: str = ""
    made_of: tuple[str, ...] = ()
    _symbol: dict[str, int] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        symbol = {character: number for number, character in enumerate(self.symbols)}
        symbol |= {character: symbol[one] for character, one in ALIKE.items() if one in symbol}
        object.__setattr__(self, "_symbol", symbol)

    def encode(self, text: str) -> npt.NDArray[np.uint8]:
        """Return the symbols of ``text``: uint8, one a character."""
        other = len(self.symbols)
        return np.array([self._symbol.get(character, other) for character in text], np.uint8)

    def start(self, text: str = " ") -> Nodes:
        """Return the state after ``text``, which by default is what stands before a line: a space."""
        nodes = self.unknown(1)
        for symbol in self.encode(text)[-self.order :]:
            _, nodes = self.extend(nodes, np.array([symbol], np.uint8))
        state: Nodes = nodes[0]
        return state

    def extend(self, nodes: Nodes, symbols: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], Nodes]:
        """Add one symbol to each of many texts.

        Args:
            nodes: ``[N, order]``, the texts' states.
            symbols: uint8 ``[N]``, what is added to each.

        Returns:
            float32 ``[N]``, the logarithm of each symbol's probability, and the states ``[N, order]`` after it.
        """
        keys = (nodes << np.uint32(8)) | symbols[:, None]
        found = np.minimum(np.searchsorted(self.keys, keys.ravel()), len(self.keys) - 1).reshape(keys.shape)
        hit = self.keys[found] == keys
        # The longest n-gram that is there says it; each longer context that is there pays its backoff weight.
        longest = self.order - 1 - hit[:, ::-1].argmax(axis=1)
        rows = np.arange(len(symbols))
        longer = np.arange(self.order) > longest[:, None]
        logarithms = self.probabilities[found[rows, longest]]
        logarithms = logarithms + (self.backoffs[nodes] * longer).sum(axis=1, dtype=np.float32)
        after = np.empty_like(nodes)
        after[:, 0] = 0
        after[:, 1:] = np.where(hit, found + 1, len(self.backoffs) - 1)[:, :-1]
        return logarithms, after

    def score(self, text: str) -> float:
        """Return the logarithm of the probability of ``text`` after a space."""
        nodes, total = self.start()[None], 0.0
        for symbol in self.encode(text):
            logarithms, nodes = self.extend(nodes, np.array([symbol], np.uint8))
            total += float(logarithms[0])
        return total

    def unknown(self, count: int) -> Nodes:
        """Return the states of ``count`` texts of which nothing is known."""
        nodes = np.full((count, self.order), len(self.backoffs) - 1, np.uint32)
        nodes[:, 0] = 0
        return nodes
