"""What every network of a family has in common, so that training and export need not ask which it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from torch import Tensor, nn


class NamedVariant(Protocol):
    """A size of a network."""

    @property
    def name(self) -> str:
        """Its name, unique among the variants of all families."""
        ...


class Labelled(Protocol):
    """The labels of a batch, as training holds them."""

    @property
    def steps(self) -> Tensor:
        """int64 ``[B]``: the rows of scores that each line's loss looks at."""
        ...

    @property
    def targets(self) -> Tensor:
        """int64: all labels' classes end to end."""
        ...

    @property
    def target_lengths(self) -> Tensor:
        """int64 ``[B]``."""
        ...


class LineNetwork(nn.Module):
    """``[B, 3, 32, W]`` float32 in [-1, 1] to scores ``[B, rows, classes]``: raw logits, class 0 blank or end."""

    VARIANTS: ClassVar[Mapping[str, Any]]
    """The sizes by name."""

    HEAD: ClassVar[tuple[str, ...]]
    """Parameters whose first axis begins with the classes; rows after them are tokens of the family's own."""

    BLOCKS: ClassVar[Mapping[str, tuple[type[nn.Module], ...]]]
    """What a recipe's ``compile`` compiles, by its value."""

    FIXED_WORK: ClassVar[bool] = True
    """Whether what is computed depends on the input's shape alone, as a recorded CUDA graph needs it."""

    variant: NamedVariant

    @classmethod
    @abstractmethod
    def build(cls, variant: str, classes: int) -> LineNetwork:
        """Build a freshly initialised network of one of :attr:`VARIANTS`."""

    @classmethod
    def fitted(cls, tensors: Mapping[str, Tensor], variant: str) -> tuple[Mapping[str, Tensor], tuple[str, ...]]:
        """Bring weights of the same network for lines of another size to the shapes of ``variant``.

        Returns:
            The weights, and sentences for the user on what was changed.
        """
        return tensors, ()

    @abstractmethod
    def loss(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> Tensor:
        """Sum the loss over the lines of a batch; float32, in nats.

        Args:
            pixels: float32 ``[B, 3, 32, W]`` in [-1, 1].
            labels: What the lines say.
            bf16: Compute matrix products and convolutions in bfloat16.
        """

    def loss_and_scores(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> tuple[Tensor, Tensor]:
        """Give :meth:`loss` and the raw logits ``[B, T, classes]`` that it was computed from.

        Only networks whose scores follow the line's columns have it: what their rows say can be compared.
        """
        raise NotImplementedError(f"{type(self).__name__} has no scores by column.")

    @abstractmethod
    def begin_at_prior(self, log_prior: Tensor) -> None:
        """Set the bias of the last layer, whose weights are still small, to the classes' log-frequencies."""

    @abstractmethod
    def parts_after(self, name: str) -> int:
        """Return how many parts of the network lie between the parameter called ``name`` and the output."""

    @abstractmethod
    def attention_bytes(self, lines: int, width: int) -> int:
        """Estimate the bytes of one block's attention scores, the largest thing that an exported network holds."""
