"""The exit codes, which scripts rely on: they are written out here and never change. And how faults are said."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel, ValidationError, field_validator

from nordocr import errors
from nordocr.invalid import first_fault

CODES = {
    "NordocrError": 1,
    "UsageError": 2,
    "InputMissing": 3,
    "InputUnreadable": 4,
    "InputTooLarge": 5,
    "InputEncrypted": 6,
    "ConfigInvalid": 7,
    "ModelMissing": 8,
    "ModelInvalid": 9,
    "EngineUnavailable": 10,
    "DataInvalid": 11,
    "ExportRejected": 12,
    "TrainingFailed": 13,
    "OutputUnwritable": 14,
    "EngineMismatch": 15,
}
CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, BaseException) and value.__module__ == errors.__name__
]


def test_the_codes_are_exactly_these() -> None:
    assert {c.__name__: c.exit_code for c in CLASSES} == CODES


def test_no_two_failures_share_a_code() -> None:
    codes = [c.exit_code for c in CLASSES]
    assert len(set(codes)) == len(codes)
    # 0 is success; from 64 on the shell, sysexits and signals have their own meanings.
    assert all(0 < code < 64 for code in codes)


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_each_states_its_own_code_and_meaning(error: type[errors.NordocrError]) -> None:
    assert issubclass(error, errors.NordocrError)
    assert "exit_code" in vars(error), "inherits its code"
    assert (vars(error).get("__doc__") or "").strip()
    assert str(error("One sentence.")) == "One sentence."


class Model(BaseModel):
    sizes: dict[str, int] = {}
    name: str = ""

    @field_validator("name")
    @classmethod
    def _short(cls, name: str) -> str:
        if len(name) > 3:
            raise ValueError("OCR names are short")
        return name


@pytest.mark.parametrize(
    ("values", "whole", "said"),
    [
        ({"sizes": {"a": "x"}}, "", "sizes.a: input should be a valid integer"),
        ({"name": "long"}, "", "name: OCR names are short"),
        ([], "", "input should be a valid dictionary or instance of Model"),
        ([], "the whole", "the whole: input should be a valid dictionary or instance of Model"),
    ],
)
def test_the_first_fault_is_named_with_its_place(values: object, whole: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(values)
    assert first_fault(caught.value, whole).startswith(said)
