"""What is wrong with data is said as a part of a sentence."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError, field_validator

from nordocr.invalid import first_fault


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
