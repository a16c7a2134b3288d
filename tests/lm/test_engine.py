"""An engine told of languages and of a language model, and one that is not."""

from __future__ import annotations

import numpy as np
import pytest

from nordocr.detect.registry import open_detector
from nordocr.linespec import FloatArray, LineSpec
from nordocr.lm.file import bundled_file, load_model
from nordocr.lm.model import LanguageModel
from nordocr.pipeline.reader import engine_of
from nordocr.recognize.engine import LineRecognizer, Load, Scores

SPEC = LineSpec()
Step = dict[str, float]


def steps_of(text: str) -> list[Step]:
    return [step for c in text for step in ({c: 0.998, "_": 0.001}, {"_": 0.999})]


# "Akticbolaget" at first sight; the e is nearly as likely.
UNSURE = [*steps_of("Akti"), {"c": 0.55, "e": 0.43}, {"_": 0.99}, *steps_of("bolaget Norden")]
SURE = steps_of("Akticbolaget Norden")
ETH = [*steps_of("or"), {"ð": 0.6, "d": 0.3, "_": 0.09}, {"_": 0.99}, *steps_of("et")]


class Scripted(LineRecognizer):
    """Gives the scores of a script; a crop's gray says which line of it it is."""

    name = "scripted"

    def __init__(self, script: list[Scores], spec: LineSpec = SPEC, temperature: float = 1.0) -> None:
        self.script = script
        super().__init__("script", "", spec, Load(area=2048), temperature)

    def scores(self, batch: FloatArray) -> Scores:
        found = np.full((len(batch), self.spec.time_steps(batch.shape[3]), 126), -8.0, np.float32)
        found[:, :, 0] = 8.0
        for row, line in zip(found, batch, strict=True):
            own = self.script[round((float(line[0, 0, 0]) + 1) * 127.5)]
            row[: len(own)] = own
        if self.spec.output == "probabilities":
            found = np.exp(found - found.max(axis=2, keepdims=True))
            found /= found.sum(axis=2, keepdims=True)
        return found

    def crops(self) -> list[np.ndarray]:
        return [np.full((32, 4 * len(own)), i, np.uint8) for i, own in enumerate(self.script)]


def logits_of(steps: list[Step]) -> Scores:
    logits = np.full((len(steps), 126), -12.0, np.float32)
    for row, step in zip(logits, steps, strict=True):
        for character, probability in step.items():
            row[0 if character == "_" else SPEC.characters.index(character) + 1] = np.log(probability)
    return logits


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return load_model(bundled_file())


def test_untold_an_engine_reads_what_its_network_sees() -> None:
    engine = Scripted([logits_of(UNSURE)])
    line = engine.read(engine.crops())[0]
    assert (line.text, line.flags) == ("Akticbolaget Norden", ())
    assert (engine.languages, engine.language_model) == ((), "")


@pytest.mark.parametrize("output", ["logits", "probabilities"])
def test_an_unsure_line_is_read_again_and_says_so(model: LanguageModel, output: str) -> None:
    spec = SPEC.model_copy(update={"output": output})
    engine = Scripted([logits_of(UNSURE), logits_of(SURE)], spec)
    before = engine.read(engine.crops())
    engine.guide((), model)
    line, sure = engine.read(engine.crops())
    assert (line.text, line.flags) == ("Aktiebolaget Norden", ("lm",))
    assert sure == before[1]
    assert len(line.char_confidences) == len(line.char_extents) == len(line.text)
    # The language model leaves little doubt of the e; far from it the network alone says how sure it is.
    assert 0.9 < line.char_confidences[4] < 1
    assert line.confidence == min(line.char_confidences)
    assert line.char_confidences[:3] == before[0].char_confidences[:3]
    assert line.char_confidences[12:] == before[0].char_confidences[12:]
    assert line.char_extents == before[0].char_extents  # the e stands where the c stood
    assert [(w.text, w.left, w.right) for w in line.words] == [
        (w.text.replace("Aktic", "Aktie"), w.left, w.right) for w in before[0].words
    ]
    assert engine.language_model == f"nordic.lm {model.sha256}"


def test_the_temperature_changes_confidences_and_no_text(model: LanguageModel) -> None:
    cold, warm = Scripted([logits_of(UNSURE)]), Scripted([logits_of(UNSURE)], temperature=2.0)
    for engine in (cold, warm):
        engine.guide((), model)
    a, b = cold.read(cold.crops())[0], warm.read(warm.crops())[0]
    assert a.text == b.text == "Aktiebolaget Norden"
    assert b.char_confidences[4] < a.char_confidences[4] - 0.005


def test_characters_may_come_and_go_and_spans_fit(model: LanguageModel) -> None:
    """A letter too few and a letter too many: the network was unsure of blanks."""
    steps = [
        *steps_of("Bo"),
        {"_": 0.55, "l": 0.45},
        {"_": 0.99},
        *steps_of("agets s"),
        {"ä": 0.9, "_": 0.1},
        {"_": 0.99},
    ]
    steps += [{"i": 0.52, "_": 0.48}, {"_": 0.99}, *steps_of("te och andra")]
    engine = Scripted([logits_of(steps)])
    assert engine.read(engine.crops())[0].text == "Boagets säite och andra"
    engine.guide((), model)
    line = engine.read(engine.crops())[0]
    assert line.text == "Bolagets säte och andra"
    assert [w.text for w in line.words] == ["Bolagets", "säte", "och", "andra"]
    assert all(a[1] <= b[0] + 1e-9 for a, b in zip(line.char_extents, line.char_extents[1:], strict=False))
    # The l was seen at the fifth of the steps.
    left, right = line.char_extents[2]
    assert left < 4.5 / len(steps) < right


def test_a_line_reads_alike_alone_and_on_any_page(model: LanguageModel) -> None:
    dice = np.random.default_rng(1)
    sizes = dice.integers(4, 60, 60)
    script = [np.log(dice.dirichlet(np.full(126, 0.03), int(n)).clip(1e-9)).astype(np.float32) for n in sizes]
    engine = Scripted(script)
    engine.guide((), model)
    together = engine.read(engine.crops())
    assert sum("lm" in line.flags for line in together) >= 4
    assert [engine.read([crop])[0] for crop in engine.crops()] == together


@pytest.mark.parametrize("output", ["logits", "probabilities"])
def test_letters_of_no_asked_language_are_never_read(output: str) -> None:
    engine = Scripted([logits_of(ETH)], SPEC.model_copy(update={"output": output}))
    assert engine.read(engine.crops())[0].text == "orðet"
    engine.guide(("sv", "en"))
    line = engine.read(engine.crops())[0]
    assert (line.text, line.flags, engine.languages) == ("ordet", (), ("sv", "en"))
    assert line.confidence == pytest.approx(0.3 / 0.39, abs=0.01)
    engine.guide(("sv", "is"))
    assert engine.read(engine.crops())[0].text == "orðet"


def test_results_say_who_read(model: LanguageModel) -> None:
    engine = Scripted([logits_of(SURE)])
    detector = open_detector("morphology", 1)
    told = engine_of(engine, detector)
    assert (told.languages, told.language_model) == ([], "")
    engine.guide(("da",), model)
    told = engine_of(engine, detector)
    assert (told.languages, told.language_model) == (["da"], f"nordic.lm {model.sha256}")
