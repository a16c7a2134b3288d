"""What training tells: figures of the steps since the last report, a JSON line each, TensorBoard where installed."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nordocr.errors import OutputUnwritable, TrainingFailed
from nordocr.files import write_whole

Report = Callable[[dict[str, Any]], None]
"""Called with one JSON-able dict a logged step or validation."""

METRICS = "metrics.jsonl"


class Window:
    """The steps since the last report. Losses stay on their device until they are asked for, so no step waits."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._reset()

    def _reset(self) -> None:
        self.loss = torch.zeros((), device=self._device)
        self.norm = torch.zeros((), device=self._device)
        self.steps, self.lines, self.since = 0, 0.0, time.monotonic()
        self.waited, self.too_long, self.unreadable = 0.0, 0, 0

    def add(self, loss: Tensor, norm: Tensor, lines: float) -> None:
        """Count one step: its summed loss, the norm of its gradient before clipping, its lines over all processes."""
        self.loss += loss
        self.norm += norm
        self.steps += 1
        self.lines += lines

    def require_finite(self, step: int) -> None:
        """Raise :class:`TrainingFailed` where a loss or gradient since the last report was not a number."""
        loss, norm = self.loss.item(), self.norm.item()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise TrainingFailed(
                f"The loss is not finite at step {step}; resume the last checkpoint with a lower peak_lr."
            )

    @contextmanager
    def paused(self, step: int) -> Iterator[None]:
        """Leave what happens inside the ``with`` block out of the time of training lines.

        First it is made sure that the weights are worth judging or keeping: :meth:`require_finite`.
        """
        self.require_finite(step)
        left = time.monotonic()
        yield
        self.since += time.monotonic() - left

    def take(self, step: int) -> dict[str, float]:
        """Return mean loss a line, gradient norm, lines a second, share of the time that was spent waiting for data."""
        self.require_finite(step)
        seconds = max(time.monotonic() - self.since, 1e-9)
        values = {
            "loss": self.loss.item() / max(self.lines, 1),
            "grad_norm": self.norm.item() / max(self.steps, 1),
            "lines_per_s": self.lines / seconds,
            "waiting": min(self.waited / seconds, 1.0),
        }
        left_out = {"too_long": self.too_long, "unreadable": self.unreadable}
        values |= {name: count for name, count in left_out.items() if count}
        self._reset()
        return values


def metrics_file(run: Path, *, after: int | None = None) -> Report:
    """Return a report that appends each event as one line of JSON to ``run/metrics.jsonl``.

    ``after``: the step that a training is resumed from; what an earlier sitting told of later steps is taken out.
    Raises :class:`OutputUnwritable`.
    """
    path = run / METRICS
    try:
        run.mkdir(parents=True, exist_ok=True)
        if after is not None and path.is_file():
            _forget_after(path, after)
    except OSError as error:
        raise OutputUnwritable(f"{path} cannot be written: {error.strerror}.") from error

    def report(event: dict[str, Any]) -> None:
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event, ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputUnwritable(f"{path} cannot be written: {error.strerror}.") from error

    return report


def _forget_after(path: Path, step: int) -> None:
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            if json.loads(line).get("step", 0) <= step:
                kept.append(line + "\n")
        except ValueError:
            continue  # a line that was being written when the process was killed
    write_whole(path, "".join(kept))


def tensorboard(run: Path, *, after: int | None = None) -> Report | None:
    """Return a report that writes scalars for TensorBoard into ``run/tensorboard``; None where it is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    writer: Any = SummaryWriter(str(run / "tensorboard"), purge_step=None if after is None else after + 1)

    def report(event: dict[str, Any]) -> None:
        step = event.get("step")
        of = f"{event['model']}/" if "model" in event else ""
        for name, value in event.items():
            if isinstance(value, (int, float)) and name != "step":
                writer.add_scalar(of + (f"train/{name}" if "loss" in event else name), value, step)
        for score in event.get("validation", ()):
            writer.add_scalar(f"{of}{score['name']}/cer", score["cer"], step)
            writer.add_scalar(f"{of}{score['name']}/exact", score["exact"], step)
        try:
            writer.flush()
        except OSError as error:
            raise OutputUnwritable(f"{run / 'tensorboard'} cannot be written: {error.strerror}.") from error

    return report
