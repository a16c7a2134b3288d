"""The charset contract: class numbers are a wire format, so every one is written out here."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.charset import BLANK, NORDIC_126, NORDIC_LETTERS, Charset, nfc, read_dict_file
from nordocr.errors import DataInvalid, InputMissing

# Written out by hand from the contract, never computed: 1-10, 11-36, 37-62, 63-70, 71-78, 79, 80-111, 112-125.
DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = "abcdefghijklmnopqrstuvwxyz"
NORDIC_UPPER = "\u00c5\u00c4\u00d6\u00d8\u00c6\u00d0\u00de\u00dc"
NORDIC_LOWER = "\u00e5\u00e4\u00f6\u00f8\u00e6\u00f0\u00fe\u00fc"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
SIGNS = "\u00a7\u00b0\u20ac\u00a3\u00ab\u00bb\u2013\u2014\u2018\u2019\u201c\u201d\u00b1\u00d7"
ORDER = DIGITS + UPPER + LOWER + NORDIC_UPPER + NORDIC_LOWER + " " + PUNCTUATION + SIGNS

DICT_TEXT = (
    "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    "A\nB\nC\nD\nE\nF\nG\nH\nI\nJ\nK\nL\nM\nN\nO\nP\nQ\nR\nS\nT\nU\nV\nW\nX\nY\nZ\n"
    "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\nu\nv\nw\nx\ny\nz\n"
    "Å\nÄ\nÖ\nØ\nÆ\nÐ\nÞ\nÜ\nå\nä\nö\nø\næ\nð\nþ\nü\n"
    " \n"
    "!\n\"\n#\n$\n%\n&\n'\n(\n)\n*\n+\n,\n-\n.\n/\n:\n;\n<\n=\n>\n?\n@\n[\n\\\n]\n^\n_\n`\n{\n|\n}\n~\n"
    "§\n°\n€\n£\n«\n»\n–\n—\n‘\n’\n“\n”\n±\n×\n"
)


def test_there_are_125_characters_and_126_classes() -> None:
    assert len(ORDER) == 125
    assert NORDIC_126.num_classes == 126
    assert NORDIC_126.name == "nordic-126"
    assert BLANK == 0


@pytest.mark.parametrize(("number", "character"), list(enumerate(ORDER, start=1)))
def test_every_class_has_its_character(number: int, character: str) -> None:
    assert NORDIC_126.encode(character) == [number]
    assert NORDIC_126.decode([number]) == character


@pytest.mark.parametrize(
    ("character", "number"),
    [
        ("0", 1),
        ("9", 10),
        ("A", 11),
        ("Z", 36),
        ("a", 37),
        ("z", 62),
        ("Å", 63),
        ("Ü", 70),
        ("å", 71),
        ("ü", 78),
        (" ", 79),
        ("!", 80),
        ("~", 111),
        ("§", 112),
        ("’", 121),
        ("×", 125),
    ],
)
def test_the_borders_of_the_groups(character: str, number: int) -> None:
    assert NORDIC_126.encode(character) == [number]


def test_the_dictionary_file_is_exactly_this() -> None:
    assert NORDIC_126.to_dict_text() == DICT_TEXT
    assert DICT_TEXT.split("\n")[78] == " "


@pytest.mark.parametrize("character", [*"éáíóúýšžÁÉ…•½²³„\t\n", "\u00a0", "\u00ad", "\u030a"])
def test_these_are_outside(character: str) -> None:
    assert character not in NORDIC_126
    with pytest.raises(DataInvalid):
        NORDIC_126.encode(character)


def test_the_nordic_letters_of_reports() -> None:
    assert NORDIC_LETTERS == "ÅÄÖØÆÐÞÜåäöøæðþü"
    assert len(NORDIC_LETTERS) == 16


@given(st.text(alphabet=ORDER, max_size=80))
def test_encode_and_decode_are_inverse(text: str) -> None:
    classes = NORDIC_126.encode(text)
    assert len(classes) == len(text)
    assert all(1 <= c <= 125 for c in classes)
    assert NORDIC_126.decode(classes) == text
    assert not NORDIC_126.outside(text)


def test_decode_leaves_out_blanks_and_keeps_repeats() -> None:
    assert NORDIC_126.decode([0, 11, 11, 0, 79, 12, 0]) == "AA B"
    assert NORDIC_126.decode([]) == ""


def test_outside_counts_each_character() -> None:
    assert dict(NORDIC_126.outside("kaffé • hótél é")) == {"é": 3, "•": 1, "ó": 1}


@given(st.text(max_size=60))
def test_outside_and_inside_add_up_to_the_whole_text(text: str) -> None:
    outside = NORDIC_126.outside(text)
    assert sum(outside.values()) == sum(1 for c in text if ORDER.find(c) < 0)
    assert not any(c in ORDER for c in outside)


def test_encode_names_what_is_outside() -> None:
    with pytest.raises(DataInvalid, match="é…") as caught:
        NORDIC_126.encode("Café…")
    assert "nordic-126" in str(caught.value)


def test_nfc_joins_what_scanners_and_macs_take_apart() -> None:
    apart = "A\u030angstro\u0308m"
    assert nfc(apart) == "\u00c5ngstr\u00f6m"
    assert nfc(apart) == unicodedata.normalize("NFC", apart)
    assert NORDIC_126.decode(NORDIC_126.encode(nfc(apart))) == "Ångström"
    with pytest.raises(DataInvalid):
        NORDIC_126.encode(apart)


def test_the_charset_itself_is_nfc() -> None:
    assert unicodedata.is_normalized("NFC", NORDIC_126.characters)


def test_a_repeated_character_is_refused() -> None:
    with pytest.raises(DataInvalid, match="'b'"):
        Charset("twice", "abcb")


def test_a_character_that_is_not_nfc_is_refused() -> None:
    with pytest.raises(DataInvalid, match="normal form"):
        Charset("ohm", "ab\u2126")  # OHM SIGN normalises to GREEK CAPITAL OMEGA


def test_charsets_are_equal_by_content_and_cannot_be_changed() -> None:
    assert Charset("nordic-126", ORDER) == NORDIC_126
    assert Charset("nordic-126", ORDER[::-1]) != NORDIC_126
    with pytest.raises(AttributeError):
        NORDIC_126.characters = "abc"  # type: ignore[misc]


def test_nordocr_dict_prints_the_dictionary_file() -> None:
    command = [sys.executable, "-c", "from nordocr.cli import main; main()", "dict"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8").replace("\r\n", "\n") == DICT_TEXT


# Dictionary files


def test_the_space_line_survives_a_file(tmp_path: Path) -> None:
    path = tmp_path / "nordic_dict.txt"
    path.write_bytes(DICT_TEXT.encode("utf-8"))
    charset = read_dict_file(path, name="nordic-126")
    assert charset == NORDIC_126
    assert charset.encode(" ") == [79]


def test_windows_line_ends_and_a_missing_last_one(tmp_path: Path) -> None:
    windows, unended = tmp_path / "windows.txt", tmp_path / "unended.txt"
    windows.write_bytes("a\r\n \r\nå\r\n".encode())
    unended.write_bytes("a\nå\n ".encode())
    assert read_dict_file(windows) == Charset("windows", "a å")
    assert read_dict_file(unended) == Charset("unended", "aå ")


def test_append_space_puts_it_last(tmp_path: Path) -> None:
    path = tmp_path / "openocr.txt"
    path.write_bytes("a\nb\nø\n".encode())
    charset = read_dict_file(path, append_space=True)
    assert charset.encode("ø ") == [3, 4]
    assert charset.num_classes == 5


def test_line_separators_of_unicode_are_characters_here(tmp_path: Path) -> None:
    path = tmp_path / "separators.txt"
    path.write_bytes("a\n\u2028\nb\n".encode())
    assert read_dict_file(path).characters == "a\u2028b"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a\nbc\nd\n", "Line 2"),
        (b"a\n\nb\n", "Line 2"),
        (b"a\nb\n\n", "Line 3"),
        (b"a\nb\na\n", "'a'"),
        (b"a\n\xe5\n", "UTF-8"),
        (b"a\no\xcc\x88\n", "Line 2"),
    ],
    ids=["two characters", "empty line", "empty last line", "repeated", "latin-1", "decomposed"],
)
def test_a_bad_dictionary_is_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad_dict.txt"
    path.write_bytes(content)
    with pytest.raises(DataInvalid, match=says) as caught:
        read_dict_file(path)
    assert "bad_dict" in str(caught.value)


def test_a_space_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dict.txt"
    path.write_bytes(b"a\n \n")
    with pytest.raises(DataInvalid, match="' '"):
        read_dict_file(path, append_space=True)


def test_a_missing_dictionary_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"nowhere\.txt"):
        read_dict_file(tmp_path / "nowhere.txt")
