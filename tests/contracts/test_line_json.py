"""The LineSpec as it travels inside model files: what is written, what is refused, what must agree."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from nordocr.charset import NORDIC_126
from nordocr.errors import ModelInvalid
from nordocr.linespec import LineSpec

SPEC = LineSpec()
OTHERS = {  # every field that can differ, with a value that differs
    "height": 48,
    "max_width": 768,
    "align": 8,
    "pad_value": 127,
    "interpolation": "area",
    "charset_name": "other",
    "characters": "abc",
    "output": "probabilities",
    "ladder": (1024,),
    "family": "other",
}


def test_json_round_trip() -> None:
    spec = LineSpec(max_width=1792, output="probabilities", ladder=(64, 1792))
    text = spec.to_json()
    assert "\n" not in text
    assert LineSpec.from_json(text, "here") == spec
    assert LineSpec.from_json(SPEC.to_json(), "here") == SPEC


def test_json_keys_and_values_as_other_readers_see_them() -> None:
    value = json.loads(SPEC.to_json())
    assert value.pop("characters") == NORDIC_126.characters
    assert value == {
        "version": 1,
        "height": 32,
        "max_width": 1024,
        "stride": 4,
        "align": 4,
        "pad_value": 255,
        "interpolation": "linear",
        "normalization": "pixel/127.5-1",
        "channels": "rgb",
        "charset_name": "nordic-126",
        "output": "logits",
        "ladder": [32, 64, 128, 192, 256, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792],
    }


def test_framing_is_said_from_version_3_on_and_files_from_before_still_open() -> None:
    framed = LineSpec(interpolation="area", framing="ink")
    assert framed.version == 3
    said = json.loads(framed.to_json())
    assert said["framing"] == "ink"
    assert LineSpec.from_json(framed.to_json(), "here") == framed
    by_area = LineSpec(interpolation="area")
    assert by_area.version == 2
    assert "framing" not in json.loads(by_area.to_json())
    assert LineSpec.from_json(by_area.to_json(), "here").framing == "whole"
    del said["framing"]
    with pytest.raises(ModelInvalid):
        LineSpec.from_json(json.dumps(said), "here")
    with pytest.raises(ModelInvalid, match="framing 'ink'"):
        by_area.require_same(framed, "it")
    with pytest.raises(ValidationError, match="version 3"):
        LineSpec(framing="ink")


def test_version_4_enlarges_by_lanczos_and_frames() -> None:
    spec = LineSpec(interpolation="area-lanczos", framing="ink")
    assert spec.version == 4 and LineSpec.from_json(spec.to_json(), "here") == spec
    for wrong in ({"version": 3}, {"framing": "whole"}, {"interpolation": "area"}):
        with pytest.raises(ModelInvalid, match="version 4 area-lanczos"):
            LineSpec.from_json(json.dumps(json.loads(spec.to_json()) | wrong), "here")
    with pytest.raises(ModelInvalid, match="interpolation 'area'"):
        spec.require_same(LineSpec(interpolation="area", framing="ink"), "it")


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SPEC.max_width = 768  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"colour": "red"}, "colour"),
        ({"version": 2}, "version"),
        ({"stride": 8}, "stride"),
        ({"normalization": "imagenet"}, "normalization"),
        ({"channels": "bgr"}, "channels"),
        ({"interpolation": "cubic"}, "interpolation"),
        ({"output": "scores"}, "output"),
        ({"height": 0}, "height"),
        ({"max_width": 1793}, "max_width"),
        ({"pad_value": 256}, "pad_value"),
        ({"ladder": [64, 32]}, "ladder"),
        ({"max_width": "wide"}, "max_width"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_spec_of_another_kind_is_refused_by_key_and_source(changed: dict[str, object], names: str) -> None:
    text = json.dumps(json.loads(SPEC.to_json()) | changed)
    with pytest.raises(ModelInvalid, match=names) as caught:
        LineSpec.from_json(text, "some_model.onnx")
    assert "some_model.onnx" in str(caught.value)


def test_the_first_family_is_not_written_and_another_is() -> None:
    assert "family" not in json.loads(SPEC.to_json()) and "family" not in SPEC.model_dump(mode="json")
    other = SPEC.model_copy(update={"family": "parseq"})
    assert json.loads(other.to_json())["family"] == "parseq"
    assert LineSpec.from_json(other.to_json(), "here").family == "parseq"


def test_version_2_is_area_and_only_that() -> None:
    area = LineSpec(interpolation="area")
    assert area.version == 2 and LineSpec.from_json(area.to_json(), "here") == area
    values = json.loads(area.to_json())
    with pytest.raises(ModelInvalid, match="version 1 is linear, version 2 area"):
        LineSpec.from_json(json.dumps(values | {"version": 1}), "some_model.onnx")
    del values["version"]
    with pytest.raises(ModelInvalid, match="lacks version"):
        LineSpec.from_json(json.dumps(values), "some_model.onnx")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"a"'])
def test_what_is_no_spec_at_all_is_refused(text: str) -> None:
    with pytest.raises(ModelInvalid, match=r"some_model\.onnx"):
        LineSpec.from_json(text, "some_model.onnx")


def test_every_field_that_can_differ_is_in_the_table() -> None:
    of_one_value = {"version", "stride", "normalization", "channels"}
    above = {"framing"}  # needs another interpolation with it
    assert set(LineSpec.model_fields) - of_one_value - above == set(OTHERS)


@pytest.mark.parametrize(("name", "value"), OTHERS.items())
def test_require_same_names_the_field(name: str, value: object) -> None:
    other = LineSpec.model_validate({name: value})
    with pytest.raises(ModelInvalid, match=rf"\b{name}\b") as caught:
        SPEC.require_same(other, "best.pt")
    assert "best.pt" in str(caught.value)
    with pytest.raises(ModelInvalid, match=rf"\b{name}\b"):
        other.require_same(SPEC, "best.pt")


def test_require_same_lets_equal_specs_pass() -> None:
    SPEC.require_same(LineSpec.from_json(SPEC.to_json(), "here"), "best.pt")
