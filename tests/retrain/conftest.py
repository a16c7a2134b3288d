"""The made-up document that comparison tests use."""

from tests.compare.conftest import paper

__all__ = ["paper"]
