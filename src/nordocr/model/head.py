"""The head cut down to the first classes of its charset: a nordic-ext model as a nordic-126 one."""

from __future__ import annotations

import torch

from nordocr.charset import Charset
from nordocr.errors import ConfigInvalid
from nordocr.linespec import LineSpec
from nordocr.model.network import LineNetwork, build_model


def cut_charset(model: LineNetwork, spec: LineSpec, charset: Charset) -> tuple[LineNetwork, LineSpec]:
    """Drop the head's last rows.

    Args:
        model: A model that reads ``spec``'s charset.
        spec: Its LineSpec.
        charset: A charset whose characters are the first ones of the model's, in their order.

    Returns:
        A model in the same mode with the very same weights in the rows that are left, and its LineSpec.

    Raises:
        ConfigInvalid: The model's charset does not begin with ``charset``.
    """
    if not spec.characters.startswith(charset.characters):
        raise ConfigInvalid(f"The charset {spec.charset_name} does not begin with {charset.name}, so it cannot be cut.")
    cut = build_model(model.variant.name, charset.num_classes)
    state = dict(model.state_dict())
    for name in model.HEAD:
        # Rows after the classes are tokens of the family's own, and stay.
        state[name] = torch.cat([state[name][: charset.num_classes], state[name][spec.charset.num_classes :]])
    with torch.no_grad():
        cut.load_state_dict(state)
    fields = {"charset_name": charset.name, "characters": charset.characters}
    narrowed = LineSpec.model_validate(spec.model_dump() | fields)
    return cut.train(model.training), narrowed
