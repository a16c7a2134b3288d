"""What every test shares: where the repository is, and how Hypothesis runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time, and no deadline: a slow machine is not a failing test.
settings.register_profile("nordocr", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("nordocr")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parents[1]
