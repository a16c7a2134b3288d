"""YAML that a stranger may have written: no objects, no key twice, no aliases that grow without end."""

from __future__ import annotations

from typing import Any, Final

import yaml

MOST_NODES: Final = 100_000
"""Nodes of a file at most, each counted as often as aliases repeat it."""

_DEEPEST: Final = 100
_MERGE: Final = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """``yaml.SafeLoader`` that refuses a key given twice, and files whose aliases or nesting have no measure."""

    def get_single_data(self) -> Any:
        node = self.get_single_node()
        if node is None:
            return None
        _count(node, {}, 0)
        return self.construct_document(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                problem = f"the key {key!r} is given twice"
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, problem, key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def load_yaml(text: str) -> Any:
    """Parse YAML.

    Args:
        text: The file's content; a byte order mark before it is ignored.

    Returns:
        Mappings, lists, strings, numbers, booleans, dates and None.

    Raises:
        yaml.YAMLError: It is not YAML, gives a key twice, or is nested or repeated beyond measure.
    """
    try:
        return yaml.load(text.removeprefix("\ufeff"), Loader=_Loader)
    except RecursionError as error:
        raise yaml.YAMLError("it is nested too deeply") from error
    except (ValueError, OverflowError) as error:  # a 31st of February, a number of 5,000 digits
        raise yaml.YAMLError(f"it has a value that cannot be: {error}") from error


def _count(node: yaml.Node, known: dict[int, int], depth: int) -> int:
    """Return how many nodes a node stands for, repetitions by aliases counted; raise beyond :data:`MOST_NODES`."""
    if depth > _DEEPEST:
        raise yaml.YAMLError(f"it is nested more than {_DEEPEST} deep, or contains itself")
    size = known.get(id(node))
    if size is None:
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            parts = list(node.value)
        size = 1 + sum(_count(part, known, depth + 1) for part in parts)
        known[id(node)] = size
    if size > MOST_NODES:
        raise yaml.YAMLError(f"its aliases repeat more than {MOST_NODES} values")
    return size
