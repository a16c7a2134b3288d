"""The recipe of synthetic pages: kinds, languages, resolutions, fonts, text and degrading, as one typed YAML file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.invalid import first_fault
from nordocr.synth.degrade import DegradeConfig
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages.dirt.config import DirtConfig
from nordocr.yamlfile import load_yaml

KINDS: Final = ("statement", "running", "notes", "audit", "contents", "letter", "minutes", "invoice", "form", "account")
"""Every sort of page that there is a layout for."""

LANGUAGES: Final = ("sv", "nb", "nn", "da", "fi", "is")
"""Every language that the pages' wording exists in."""

BILEVEL_STORIES: Final = (
    *("clean-1bit", "normal-1bit", "fax", "photocopy-1bit", "archive-1bit", "dither-1bit", "microfilm-1bit"),
)
"""Scanner stories that end with 1 bit."""

TYPED_STORIES: Final = ("archive-typewriter", "mimeograph")
"""Scanner stories of typewritten pages alone."""


class PageText(BaseModel):
    """Where running text comes from. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    languages: dict[str, float] = Field(
        default_factory=lambda: {"sv": 0.36, "nb": 0.14, "nn": 0.05, "da": 0.17, "fi": 0.17, "is": 0.11}
    )
    """Relative share of each of :data:`LANGUAGES`."""
    corpora: tuple[str, ...] = ()
    """Corpus files as in :class:`~nordocr.synth.corpora.TextConfig`, named by language."""
    corpus_share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of paragraphs that are consecutive corpus sentences; the others are made of templates."""
    max_corpus_lines: int = Field(default=50_000, ge=1)
    """Lines of each corpus file that are read."""

    @field_validator("languages")
    @classmethod
    def _known(cls, shares: dict[str, float]) -> dict[str, float]:
        return _checked(shares, LANGUAGES, "language")


class LayoutConfig(BaseModel):
    """Layouts that detectors find hard, each with its probability. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heavy_headings: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a printed page: its headings are set in capitals of extra weight, whose counters nearly close."""
    white_heads: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a table or section: its head stands in white on black; the layouts' own probabilities are the least."""
    shaded_rows: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a table: every other row, or its sums, stand on a gray band."""
    close_columns: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a table: columns of figures with gaps of about a digit's width."""
    three_columns: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a printed page of running text: three columns."""
    side_by_side: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a page of notes: two columns, each with notes and tables of one year."""
    comb_fields: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of a form's field: one box a character."""


class BesideConfig(BaseModel):
    """Shares of pages with each kind, where there is room for it. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    turned_notes: float = Field(default=0.0, ge=0.0, le=1.0)
    """One to three lines in a margin that read upwards or downwards."""
    turned_heads: float = Field(default=0.0, ge=0.0, le=1.0)
    """A table of narrow columns whose heads stand on their side."""
    upside_down: float = Field(default=0.0, ge=0.0, le=1.0)
    """One to three lines upside down, as a stamp or a sheet put in the wrong way round leaves them."""
    tick_boxes: float = Field(default=0.0, ge=0.0, le=1.0)
    """Rows of drawn boxes, empty, ticked and crossed, each with its text."""
    over_amounts: float = Field(default=0.0, ge=0.0, le=1.0)
    """A signature or the edge of a stamp over an amount; such lines are flagged ``overlapped`` in the truth."""
    pictures: float = Field(default=0.0, ge=0.0, le=1.0)
    """A photograph or a drawing; no line of the truth."""
    handwriting: float = Field(default=0.0, ge=0.0, le=1.0)
    """A note written by pen; no line of the truth."""

    @property
    def any(self) -> bool:
        """Whether any page has any of it."""
        return any(self.model_dump().values())


class PageRecipe(BaseModel):
    """What a stream of pages is made of. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: PageText = Field(default_factory=PageText)
    """What the pages say."""
    fonts: FontConfig = Field(default_factory=FontConfig)
    """In which faces."""
    degrade: DegradeConfig = Field(default_factory=lambda: DegradeConfig(keep_size=True, inverted=0.0))
    """How they are scanned; ``keep_size`` must be true."""
    kinds: dict[str, float] = Field(
        default_factory=lambda: {
            "statement": 0.22,
            "running": 0.13,
            "notes": 0.15,
            "audit": 0.05,
            "contents": 0.04,
            "letter": 0.14,
            "minutes": 0.08,
            "invoice": 0.12,
            "form": 0.07,
        }
    )
    """Relative shares of :data:`KINDS`."""
    dpi: tuple[tuple[int, float], ...] = ((200, 0.55), (240, 0.05), (300, 0.40))
    """(Resolution, weight) pairs of 72 to 600 dpi; coarser than 150 dpi is for faxes."""
    bilevel: float = Field(default=0.7, ge=0.0, le=1.0)
    """Share of pages that end 1-bit."""
    typed: float = Field(default=0.3, ge=0.0, le=1.0)
    """Share of letters, minutes, statements and running pages that come from a typewriter."""
    skew: float = Field(default=0.7, ge=0.0, le=1.0)
    """Share of pages that lie askew."""
    skew_degrees: float = Field(default=1.2, ge=0.0, le=15.0)
    """Largest skew either way; beyond 3 degrees the picture grows to hold the whole sheet."""
    steep_skew: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of pages that lie askew by 3 to 10 degrees, in a picture that holds the whole sheet."""
    holes: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share of pages with punch holes."""
    borders: float = Field(default=0.2, ge=0.0, le=1.0)
    """Share of pages with black edges where the paper did not cover the lid."""
    stamps: float = Field(default=0.12, ge=0.0, le=1.0)
    """Share of pages with a rubber stamp, where there is room for one."""
    signatures: float = Field(default=0.7, ge=0.0, le=1.0)
    """Share of places to sign that are signed."""
    dirt: DirtConfig = Field(default_factory=DirtConfig)
    """Dirt of the scanner; none by default."""
    tick_truth: bool = False
    """Whether the boxes to tick that forms have anyway are in the truth, as ``☐`` before their lines."""
    beside: BesideConfig = Field(default_factory=BesideConfig)
    """Turned type, tick boxes, pictures, strokes over amounts; none by default."""
    layout: LayoutConfig = Field(default_factory=LayoutConfig)
    """Layouts that detectors find hard; none by default beyond what pages have anyway."""

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, shares: dict[str, float]) -> dict[str, float]:
        return _checked(shares, KINDS, "kind of page")

    @field_validator("dpi")
    @classmethod
    def _sane_dpi(cls, pairs: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        if any(not 72 <= dpi <= 600 or not 0 <= weight < float("inf") for dpi, weight in pairs):
            raise ValueError("resolutions are 72 to 600 dpi with weights of at least 0")
        if not any(weight for _, weight in pairs):
            raise ValueError("one resolution must have a weight above 0")
        return pairs

    @field_validator("degrade")
    @classmethod
    def _same_size(cls, degrade: DegradeConfig) -> DegradeConfig:
        if not degrade.keep_size:
            raise ValueError("pages with boxes need keep_size: true")
        return degrade

    def with_text(self, **changes: object) -> PageRecipe:
        """Return the same recipe with some keys of its text part changed."""
        return self.model_copy(update={"text": PageText.model_validate(self.text.model_dump() | changes)})


def load_page_recipe(path: Path) -> PageRecipe:
    """Return a recipe by name or from a file.

    Args:
        path: A YAML file, or the name of a bundled recipe: ``dirty``, ``dirty-g4``, ``dirty-fax``.

    Raises:
        InputMissing: If there is no such recipe or file.
        ConfigInvalid: If it is not YAML, or a key is unknown or out of range.
    """
    bundled = resources.files(__package__) / "recipes" / f"{path}.yaml"
    named = path.suffix not in (".yaml", ".yml") and len(path.parts) == 1 and bundled.is_file()
    if not named and not path.is_file():
        raise InputMissing(f"There is no page recipe file {path}.")
    try:
        text = bundled.read_text(encoding="utf-8") if named else path.read_text(encoding="utf-8")
        data: dict[str, Any] = load_yaml(text) or {}
        return PageRecipe.model_validate(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"Page recipe {path} is not YAML: {error}.") from error
    except ValidationError as error:
        raise ConfigInvalid(f"Page recipe {path}: {first_fault(error)}.") from error


def _checked(shares: dict[str, float], known: tuple[str, ...], what: str) -> dict[str, float]:
    for name, share in shares.items():
        if name not in known:
            raise ValueError(f"there is no {what} {name!r}; there are {', '.join(known)}")
        if not 0 <= share < float("inf"):
            raise ValueError(f"the share of {name!r} must be finite and not below 0, not {share}")
    if not any(shares.values()):
        raise ValueError(f"no {what} has a share above 0")
    return shares
