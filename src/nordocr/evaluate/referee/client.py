"""One crop, one question: a client for any address that speaks OpenAI's chat completions.

Protocol: ``POST .../chat/completions`` with the image as a data address
(https://platform.openai.com/docs/api-reference/chat), as vLLM, llama.cpp, Ollama and the hosted services serve it.
Waiting after failures: exponential with jitter (AWS Architecture Blog, Exponential Backoff And Jitter, "equal
jitter"), or what ``Retry-After`` asks for (RFC 9110, section 10.2.3).
"""

from __future__ import annotations

import base64
import email.utils
import http.client
import json
import random
import threading
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from nordocr.errors import EngineUnavailable, UsageError
from nordocr.evaluate.referee.answer import FILTERED
from nordocr.evaluate.referee.key import checked_key, key_from_environment, scrubbed
from nordocr.evaluate.referee.transport import Exchange, post, within

PROMPT: Final = (
    "Transcribe the single line of printed text in this image exactly as it stands: keep every space, capital letter, "
    "digit and punctuation mark, and do not correct, translate or complete anything. Answer with the text alone."
)
"""The question asked where none is given."""

_RETRY: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_FATAL: Final = frozenset({401, 402, 403, 404, 405})
_MOST_BYTES: Final = 1 << 20  # of an answer about one line; a longer one is cut and so no JSON


@dataclass(frozen=True)
class VlmSettings:
    """Whom to ask and how patiently.

    ``url``: the service's base address (``http://host:8000/v1``) or the whole one. ``timeout``: seconds for one
    whole answer. ``attempts`` at one crop; the waits between them double from ``wait`` seconds up to ``longest_wait``,
    which also bounds what ``Retry-After`` can ask for. ``key`` is sent as a bearer token and shown nowhere.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    prompt: str = PROMPT
    timeout: float = 60.0
    attempts: int = 6
    wait: float = 1.0
    longest_wait: float = 60.0
    max_tokens: int = 512

    @property
    def address(self) -> str:
        """The address that questions go to.

        Raises:
            UsageError: ``url`` is not an http or https address, or holds a password.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{self.url!r} is not an http or https address of a vision-language model.")
        if parts.username or parts.password:
            raise UsageError("The address of a vision-language model must not hold a password; use NORDOCR_VLM_KEY.")
        base = self.url.rstrip("/")
        if base.endswith("/chat/completions"):
            return base
        return f"{base}/chat/completions" if base.endswith("/v1") else f"{base}/v1/chat/completions"


def referee_settings(
    url: str, model: str, *, prompt: str = "", timeout: float = 60.0, attempts: int = 6, wait: float = 1.0
) -> VlmSettings:
    """Put together whom to ask, with the key from the environment.

    Args:
        url: The service's address.
        model: The model's name there.
        prompt: The question; :data:`PROMPT` where it is empty.
        timeout: Seconds for one answer.
        attempts: Attempts at one crop.
        wait: Seconds before the second attempt.

    Returns:
        Settings whose address has been checked.

    Raises:
        UsageError: The address or the model is missing, the address is not one, or the key cannot be one.
    """
    if not (url and model):
        raise UsageError("--reference vlm needs --vlm-url and --vlm-model.")
    settings = VlmSettings(url, model, key_from_environment(), prompt or PROMPT, timeout, attempts, wait)
    _ = settings.address  # a wrong one must not cost the reading first
    return settings


class AnswerFailed(Exception):
    """This crop got no answer, whatever was tried; the sentence never holds the key."""


class VlmClient:
    """Asks about one crop at a time; usable from many threads at once.

    Args:
        settings: Whom to ask and how.
        sleep: Waits; replaced in tests.
        rng: Spreads the waits; replaced in tests.

    Attributes:
        retries: Questions that had to be asked again.
    """

    def __init__(
        self,
        settings: VlmSettings,
        *,
        sleep: Callable[[float], object] = time.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.settings = settings
        self.retries = 0
        self._address = settings.address
        self._key = checked_key(settings.key)
        self._sleep, self._rng, self._lock = sleep, rng or random.Random(), threading.Lock()

    def ask(self, png: bytes) -> str:
        """Return the model's raw answer about a PNG image, with ``***`` where it repeats the key.

        Raises:
            AnswerFailed: There is no answer for this crop.
            EngineUnavailable: Asking about others would be in vain: wrong key, model or address.
        """
        body = self._body(png)
        reason = ""
        for attempt in range(self.settings.attempts):
            wanted: float | None = None
            try:
                with within(self.settings.timeout) as exchange:
                    try:
                        return self.scrubbed(self._answer(self._send(exchange, body)))
                    except urllib.error.HTTPError as error:
                        with error:
                            reason = self._refused(error)
                            wanted = _retry_after(error.headers.get("Retry-After"))
            except (OSError, http.client.HTTPException) as error:
                reason = self.scrubbed(f"{type(error).__name__}: {error}")
            except (ValueError, RecursionError):  # never quoted: it may be about a header
                reason = "an answer that is not the protocol's"
            if attempt + 1 < self.settings.attempts:
                with self._lock:
                    self.retries += 1
                self._sleep(self._pause(attempt, wanted))
        raise AnswerFailed(f"no answer after {self.settings.attempts} attempts ({reason})")

    def _body(self, png: bytes) -> bytes:
        image = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
        content = [
            {"type": "text", "text": self.settings.prompt},
            {"type": "image_url", "image_url": {"url": image}},
        ]
        question = {
            "model": self.settings.model,
            "messages": [{"role": "user", "content": content}],
            "temperature": 0,
            "max_tokens": self.settings.max_tokens,
        }
        return json.dumps(question).encode("utf-8")

    def _send(self, exchange: Exchange, body: bytes) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "nordocr"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return json.loads(post(exchange, self._address, body, headers, _MOST_BYTES).decode("utf-8"))

    def _answer(self, reply: Any) -> str:
        """Return the text of an answer; :class:`ValueError` for one that is not the protocol's."""
        choices = reply.get("choices") if isinstance(reply, dict) else None
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise ValueError("no message")
        ended = choice.get("finish_reason")
        if ended == "length":  # half a transcription would make a reference that cuts lines short
            raise AnswerFailed(f"the answer was cut at {self.settings.max_tokens} tokens")
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        # Some services put a refusal beside an empty content.
        text = content or message.get("refusal") or (FILTERED if ended == "content_filter" else "")
        if not isinstance(text, str):
            raise ValueError("content that is no text")
        return text.encode("utf-8", "replace").decode("utf-8")  # JSON may hold halves of characters

    def _refused(self, error: urllib.error.HTTPError) -> str:
        """Return why the service refused; raise where trying again will not help."""
        try:
            said = error.read(2000).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            said = ""
        reason = self.scrubbed(f"HTTP {error.code}: {' '.join(said.split())[:200]}")
        if error.code in _FATAL:
            hint = " (is NORDOCR_VLM_KEY set?)" if error.code == 401 and not self.settings.key else ""
            raise EngineUnavailable(f"The vision-language model at {self._address} refuses: {reason}{hint}.")
        if error.code not in _RETRY:
            raise AnswerFailed(reason)
        return reason

    def scrubbed(self, text: str) -> str:
        """Return ``text`` with ``***`` where it repeats the key."""
        return scrubbed(text, self._key)

    def _pause(self, attempt: int, wanted: float | None) -> float:
        longest = self.settings.longest_wait
        # Without the bound on the exponent many attempts would overflow a float.
        backoff = min(longest, self.settings.wait * 2.0 ** min(attempt, 30))
        with self._lock:
            jittered = backoff / 2 + self._rng.random() * backoff / 2
        return jittered if wanted is None else min(longest, max(wanted, jittered))


def _retry_after(value: str | None) -> float | None:
    """Return the seconds from now that a ``Retry-After`` header asks for, as a number or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
        return max(0.0, moment.timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
