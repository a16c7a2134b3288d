"""One recipe of synthetic lines: text, fonts, rendering and degrading, as one typed YAML file.

Bundled recipes lie in ``nordocr/synth/recipes``: ``scans`` is the engine with everything, ``clean`` the same lines
undegraded, ``first`` clean lines of forty faces, the baseline that the engine is proven against.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.invalid import first_fault
from nordocr.synth.corpora import TextConfig
from nordocr.synth.degrade import DegradeConfig
from nordocr.synth.fonts import FontConfig
from nordocr.synth.render import RenderConfig
from nordocr.yamlfile import load_yaml


class SynthRecipe(BaseModel):
    """What a stream of synthetic lines is made of. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: TextConfig = Field(default_factory=TextConfig)
    """What the lines say."""
    fonts: FontConfig = Field(default_factory=FontConfig)
    """In which faces."""
    render: RenderConfig = Field(default_factory=RenderConfig)
    """How they are set, struck and cropped."""
    degrade: DegradeConfig = Field(default_factory=DegradeConfig)
    """How they are scanned."""
    plain: bool = False
    """Whether ``render`` and ``degrade`` are replaced by clean lines that were never scanned."""
    fixed_pitch_figures: float = Field(default=0.15, ge=0.0, le=1.0)
    """Share of lines of figures that are set in monospaced and typewriter faces, whatever the groups' shares."""
    max_faces: int | None = Field(default=None, ge=1)
    """Faces kept of the pool, evenly spread over it; None keeps all."""

    def with_text(self, **changes: object) -> SynthRecipe:
        """Return the same recipe with some keys of its text part changed."""
        return self.model_copy(update={"text": TextConfig.model_validate(self.text.model_dump() | changes)})

    def with_fonts(self, **changes: object) -> SynthRecipe:
        """Return the same recipe with some keys of its font part changed."""
        return self.model_copy(update={"fonts": FontConfig.model_validate(self.fonts.model_dump() | changes)})


def load_synth_recipe(name: str) -> SynthRecipe:
    """Return a recipe by name or from a file.

    Args:
        name: Name of a bundled recipe, or path of a YAML file.

    Raises:
        InputMissing: If there is no such recipe or file.
        ConfigInvalid: If it is not YAML, or a key is unknown or out of range.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise InputMissing(f"There is no synthetic recipe file {path}.")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigInvalid(f"Synthetic recipe {name} is not UTF-8: {error.reason}.") from error
    else:
        file = resources.files("nordocr.synth") / "recipes" / f"{name}.yaml"
        if not file.is_file():
            raise InputMissing(f"There is no synthetic recipe {name!r}.")
        text = file.read_text(encoding="utf-8")
    try:
        data: dict[str, Any] = load_yaml(text) or {}
        recipe = SynthRecipe.model_validate(data)
    except yaml.YAMLError as error:
        raise ConfigInvalid(f"Synthetic recipe {name} is not YAML: {error}.") from error
    except ValidationError as error:
        raise ConfigInvalid(f"Synthetic recipe {name}: {first_fault(error)}.") from error
    if recipe.plain:
        plain = {"render": RenderConfig.plain(), "degrade": DegradeConfig.none()}
        recipe = recipe.model_copy(update=plain)
    return recipe
