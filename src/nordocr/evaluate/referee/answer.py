"""Clean what a language model answers when it is asked for a transcription.

Models wrap the text in code fences, quotes and politeness, or refuse. Each kind of wrapping is recognised, removed and
counted; a refusal is no reference. Only what surrounds the text is touched, never the text itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nordocr.charset import nfc


class AnswerKind(StrEnum):
    """A transcription, a statement that there is no text, or a refusal to read."""

    TEXT = "text"
    EMPTY = "empty"
    REFUSAL = "refusal"


@dataclass(frozen=True)
class Answer:
    """A cleaned answer.

    Attributes:
        kind: What the model answered.
        text: The transcription; "" unless there is one.
        removed: Kinds of wrapping that were removed: ``thinking``, ``fence``, ``chatter``, ``quotes``, ``lines``.
    """

    kind: AnswerKind
    text: str
    removed: tuple[str, ...] = ()


FILTERED: Final = "[held back by the service's content filter]"
"""Stands for an answer that the service itself keeps back: a refusal."""

# What models that reason aloud put first. One that never ends has eaten the answer.
_THINKING: Final = re.compile(r"^<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^```[\w-]*[ \t]*\n?(.*?)\n?```$", re.DOTALL)
_LEAD: Final = re.compile(
    r"^(?:(?:sure|certainly|of course|okay|ok)\b[^\n:]{0,40}[!,.:]?\s*)?"
    r"(?:here(?:'|’)?s?(?: is| are)?\b[^\n:]{0,80}:"
    r"|the (?:transcribed |exact |extracted )?(?:text|line|transcription|image)\b"
    r"[^\n:]{0,60}(?:is|reads|says|shows|contains)\b[^\n:]{0,30}:?|(?:transcription|transcribed text|extracted text|"
    r"answer|output)\s*:|the (?:transcribed |extracted )?(?:text|line)\s*:)\s*",
    re.IGNORECASE,
)
_POLITE: Final = re.compile(r"^(?:sure|certainly|of course)[!,.]\s*\n+", re.IGNORECASE)
_TAIL: Final = re.compile(
    r"\n+(?:let me know|please let me know|i hope|is there anything|note that|note:)\b.*$", re.IGNORECASE | re.DOTALL
)
_QUOTED: Final = re.compile(r"""^(?:"([^"\n]+)"|`([^`\n]+)`|\*\*([^*\n]+)\*\*)\.?$""")
_ABOUT: Final = r"\b(?:image|picture|photo|text|read|transcri\w+|assist|help|request|see|view|legible|content)\b"
_REFUSAL: Final = re.compile(
    r"^(?:(?:i['’]?m (?:really |very )?sorry|sorry|i apologi[sz]e|unfortunately|as an ai)\b[^\n]*?"
    r"\b(?:can['’]?t|cannot|unable|not able|won['’]t)\b"
    r"|i['’]?m (?:afraid|unable|not able)\b|i (?:can['’]t|cannot|am unable|am not able|won['’]t)\b)[^\n]*?" + _ABOUT,
    re.IGNORECASE,
)
_EMPTY: Final = re.compile(
    r"^[\[(<]?\s*(?:(?:there (?:is|was|appears to be) )?"
    r"no (?:visible |readable |legible |discernible )?text\b[^\n]{0,60}"
    r"|(?:the )?(?:image|picture) (?:is|appears)(?: to be)? (?:blank|empty)[^\n]{0,40}"
    r"|(?<=[\[(<])(?:blank|empty|illegible|unreadable|none))\s*[\])>]?[.]?$",
    re.IGNORECASE,
)


def clean_answer(raw: str) -> Answer:
    """Return the transcription within a raw answer, in NFC, line breaks replaced by spaces."""
    text = nfc(raw).strip()
    removed: list[str] = []
    text = _without(_THINKING, text, "thinking", removed)
    if text == FILTERED or _REFUSAL.match(text):
        return Answer(AnswerKind.REFUSAL, "", tuple(removed))
    text = _without(_TAIL, _without(_POLITE, text, "chatter", removed), "chatter", removed)
    stripped = _LEAD.sub("", text, count=1)
    # A lead-in alone is an answer without text; a line of print that happens to begin so has no quotes or break after.
    if stripped != text and _announces(text, stripped):
        removed.append("chatter")
        text = stripped.strip()
    fence = _FENCE.match(text)
    if fence:
        removed.append("fence")
        text = fence.group(1).strip()
    quoted = _QUOTED.match(text)
    if quoted:
        removed.append("quotes")
        text = next(group for group in quoted.groups() if group is not None).strip()
    if _REFUSAL.match(text):
        return Answer(AnswerKind.REFUSAL, "", tuple(dict.fromkeys(removed)))
    if not text or _EMPTY.match(text):
        return Answer(AnswerKind.EMPTY, "", tuple(dict.fromkeys(removed)))
    if "\n" in text:
        removed.append("lines")
        text = " ".join(text.split())
    return Answer(AnswerKind.TEXT, text, tuple(dict.fromkeys(removed)))


def _without(pattern: re.Pattern[str], text: str, kind: str, removed: list[str]) -> str:
    shorter = pattern.sub("", text, count=1).strip()
    if shorter != text:
        removed.append(kind)
    return shorter


def _announces(text: str, rest: str) -> bool:
    """Decide whether what precedes ``rest`` announces it and is not itself part of a printed line."""
    lead = text[: len(text) - len(rest)]
    speaks = re.match(
        r"(?:sure|certainly|of course|okay)\b|here\b.*\b(?:text|line)\b|.*\b(?:image|transcri\w+|extracted)\b",
        lead,
        re.IGNORECASE | re.DOTALL,
    )
    return bool(speaks) or "\n" in lead or rest[:1] in ('"', "`", "“", "*")
