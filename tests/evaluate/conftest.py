"""The document that documents, comparison and referee are tested on."""

from tests.evaluate.paper import paper

__all__ = ["paper"]
