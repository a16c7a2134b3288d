"""The document that a retraining is compared on."""

from tests.evaluate.paper import paper

__all__ = ["paper"]
