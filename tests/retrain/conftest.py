"""Retraining is tried on the same page as comparisons."""

from __future__ import annotations

from tests.compare.conftest import Paper, paper

__all__ = ["Paper", "paper"]
