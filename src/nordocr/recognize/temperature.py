"""The temperature that calibrates a model's confidences, as stored in the model file.

One number, fitted on lines that the model was not trained on (:mod:`nordocr.evaluate.lines.temperature`): logits
are divided by it before softmax (Guo et al., On Calibration of Modern Neural Networks, ICML 2017). It changes no text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nordocr.errors import ModelInvalid
from nordocr.recognize.modelspec import sibling_meta

TEMPERATURE_KEY: Final = "temperature"
"""The key in a model's metadata, and in the ``*_meta.yaml`` of a model without."""


def find_temperature(model: Path, metadata: Mapping[str, str]) -> float:
    """Find the temperature of a model.

    Args:
        model: The model file.
        metadata: The metadata in the file.

    Returns:
        The metadata's, else that of the YAML beside the model, else 1, which changes nothing.

    Raises:
        ModelInvalid: It is not a positive number.
    """
    said: object = metadata.get(TEMPERATURE_KEY)
    if said is None:
        sibling = sibling_meta(model)
        if sibling is None:
            return 1.0
        import yaml  # here: see nordocr.config

        from nordocr.yamlfile import load_yaml

        try:
            values = load_yaml(sibling.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ModelInvalid(f"{sibling} cannot be parsed.") from error
        said = values.get(TEMPERATURE_KEY) if isinstance(values, dict) else None
        if said is None:
            return 1.0
    try:
        temperature = float(str(said))
    except ValueError:
        temperature = math.nan
    if not (math.isfinite(temperature) and temperature > 0):
        raise ModelInvalid(f"{model} has {TEMPERATURE_KEY} {said!r}, which is not a positive number.")
    return temperature
