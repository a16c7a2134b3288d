"""The registry of families: what files say, what this version does not know, and what CTC alone can do."""

from __future__ import annotations

import numpy as np
import pytest

from nordocr import ctc
from nordocr.errors import ModelInvalid, UsageError
from nordocr.families import FAMILIES, family_of, repeats
from nordocr.linespec import LineSpec

SPEC = LineSpec()


def test_a_spec_that_names_no_family_is_the_first_and_an_unknown_one_is_refused() -> None:
    assert family_of(SPEC).name == "svtrv2"
    assert all(name == family.name for name, family in FAMILIES.items())
    with pytest.raises(ModelInvalid, match="family 'crnn', which this version does not know"):
        family_of(LineSpec(family="crnn"))


def test_svtrv2_is_decoded_by_ctc_over_its_own_steps() -> None:
    scores = np.random.default_rng(3).normal(size=(2, 30, 126)).astype(np.float32)
    found = FAMILIES["svtrv2"].decode_batch(scores, SPEC, [77, 120], 1.7)
    assert found == [ctc.decode(item, SPEC, width, 1.7) for item, width in zip(scores, [77, 120], strict=True)]


def test_a_label_fits_as_ctc_needs_it() -> None:
    family = FAMILIES["svtrv2"]
    assert repeats("aabbb") == 3 and repeats("") == 0
    assert family.fits("abcdefgh", SPEC, 32) and not family.fits("abcdefggh", SPEC, 32)
    assert family.ceiling(SPEC) == SPEC.ladder[-1] and family.rows(SPEC, 33) == 9
    family.require_columns("The search")


def test_what_a_family_cannot_do_is_said_with_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    family = FAMILIES["svtrv2"]
    monkeypatch.setattr(type(family), "columns", False)
    with pytest.raises(UsageError, match="The search works with CTC models only; SVTRv2"):
        family.require_columns("The search")
    monkeypatch.setattr(type(family), "formats", frozenset({"fp32"}))
    family.require_format("fp32")
    with pytest.raises(UsageError, match="cannot be exported to int8; it can be exported to fp32"):
        family.require_format("int8")
