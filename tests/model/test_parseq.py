"""PARSeq against an independent NumPy version, its parameter table, its masks, and what padding must not change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.model import parseq_numpy as plain
from torch import Tensor

from nordocr.charset import Charset
from nordocr.errors import EngineUnavailable
from nordocr.families.patches import LONGEST, PARSEQ, WIDEST
from nordocr.linespec import LineSpec
from nordocr.model.head import cut_charset
from nordocr.model.network import build_model
from nordocr.model.parseq import PARSeq, masks, network
from nordocr.model.parseq.variants import VARIANTS, ParseqVariant
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.transfer import start_from
from nordocr.model.vit import linear_weights
from nordocr.model.weights import parameter_count

CLASSES = 126
VARIANT = VARIANTS["parseq-micro"]


@dataclass
class Texts:
    """Labels as a batch holds them."""

    steps: Tensor
    targets: Tensor
    target_lengths: Tensor


def labels(*texts: list[int]) -> Texts:
    lengths = torch.tensor([len(text) for text in texts])
    return Texts(lengths + 1, torch.tensor([c for text in texts for c in text]), lengths)


@pytest.fixture(scope="module")
def model() -> PARSeq:
    """An untrained micro that reads several characters: places and texts matter to it, and it ends some lines."""
    torch.manual_seed(3)
    made = PARSeq(VARIANT, CLASSES).eval()
    with torch.no_grad():
        for parameter in (made.pos_queries, made.text_embed.embedding.weight, made.head.weight):
            parameter.mul_(20.0)
    return made


def lines(*widths: int) -> Tensor:
    pixels = torch.ones(len(widths), 3, 32, max(widths))
    generator = torch.Generator().manual_seed(9)
    for line, width in zip(pixels, widths, strict=True):
        line[:, :, :width] = torch.rand(1, 32, width, generator=generator) * 1.9 - 1.0
    return pixels


def state_of(model: PARSeq) -> dict[str, plain.Array]:
    return {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}


def table(variant: ParseqVariant, classes: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes as the authors' modules have them: timm's VisionTransformer, PyTorch's MultiheadAttention."""
    d = variant.dim

    def of(name: str, *shape: int) -> dict[str, tuple[int, ...]]:
        return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}

    found: dict[str, tuple[int, ...]] = {
        "pos_queries": (1, variant.longest + 1, d),
        "encoder.pos_embed": (1, 8 * variant.columns, d),
        "text_embed.embedding.weight": (classes + 2, d),
    }
    found |= of("encoder.patch_embed.proj", d, 3, 4, 8) | of("encoder.norm", d) | of("decoder.norm", d)
    found |= of("head", classes, d)
    for number in range(variant.depth):
        block = f"encoder.blocks.{number}"
        found |= of(f"{block}.norm1", d) | of(f"{block}.attn.qkv", 3 * d, d) | of(f"{block}.attn.proj", d, d)
        found |= of(f"{block}.norm2", d) | of(f"{block}.mlp.fc1", 4 * d, d) | of(f"{block}.mlp.fc2", d, 4 * d)
    layer = "decoder.layers.0"
    for kind in ("self_attn", "cross_attn"):
        found |= {f"{layer}.{kind}.in_proj_weight": (3 * d, d), f"{layer}.{kind}.in_proj_bias": (3 * d,)}
        found |= of(f"{layer}.{kind}.out_proj", d, d)
    found |= of(f"{layer}.linear1", 4 * d, d) | of(f"{layer}.linear2", d, 4 * d)
    for name in ("norm1", "norm2", "norm_q", "norm_c"):
        found |= of(f"{layer}.{name}", d)
    return found


def test_the_published_size_has_the_authors_table_and_count() -> None:
    published = ParseqVariant("published", 384, 12, 6, 12, columns=16, longest=25)
    with torch.device("meta"):
        built = PARSeq(published, 95)
    assert {name: tuple(tensor.shape) for name, tensor in built.state_dict().items()} == table(published, 95)
    assert parameter_count(built) == 23_832_671


def test_weights_in_the_authors_shapes_are_taken_over(tmp_path: Path) -> None:
    torch.manual_seed(2)
    theirs = PARSeq(ParseqVariant("theirs", 32, 2, 2, 2, columns=16, longest=25), 4)
    torch.save(theirs.state_dict(), tmp_path / "parseq.pth")
    spec = LineSpec(family="parseq", charset_name="abcd", characters="dcbx")
    model, kept = start_from(tmp_path / "parseq.pth", "parseq-micro", spec, dictionary=Charset("abc", "abc"))
    mine, old = model.state_dict(), theirs.state_dict()
    for name in ("text_embed.embedding.weight", "head.weight", "head.bias"):
        # The end, then d is new, c and b are theirs, x is new; begin and filling come after the characters.
        rows, from_rows = ([0, 2, 3, 5, 6], [0, 3, 2, 4, 5]) if "embed" in name else ([0, 2, 3], [0, 3, 2])
        assert torch.equal(mine[name][rows], old[name][from_rows])
    assert torch.equal(mine["pos_queries"][:, :26], old["pos_queries"])
    cells = mine["encoder.pos_embed"].reshape(8, 64, 32)
    assert torch.allclose(cells[:, [0, -1]], old["encoder.pos_embed"].reshape(8, 16, 32)[:, [0, -1]])
    said = " ".join(kept.sentences())
    assert "16 columns was stretched to 64" in said and "reads 25 characters" in said and "'dx'" in said


@pytest.mark.parametrize(("name", "count"), [("parseq-tiny", 1_586_174), ("parseq-small", 6_129_726)])
def test_our_sizes_differ_in_columns_and_places_only(name: str, count: int) -> None:
    with torch.device("meta"):
        built = build_model(name)
    assert {key: tuple(tensor.shape) for key, tensor in built.state_dict().items()} == table(VARIANTS[name], CLASSES)
    assert parameter_count(built) == count


@torch.inference_mode()
def test_encoder_and_reading_are_those_of_the_numpy_version(model: PARSeq) -> None:
    state, pixels = state_of(model), lines(40, 24)
    scores = model(pixels)
    seen_lengths = set()
    for number, width in enumerate((40, 24)):
        tokens = plain.encode(pixels[number, :, :, :width].double().numpy(), state, VARIANT.depth, VARIANT.heads)
        mine, _ = model.encoder(pixels[number : number + 1, :, :, :width])
        assert np.abs(mine[0].numpy() - tokens).max() < 1e-4
        text, logits = plain.read(tokens, state, VARIANT.decoder_heads, CLASSES, LONGEST)
        seen_lengths.add(len(text))
        assert np.abs(scores[number, : len(logits)].numpy() - logits).max() < 2e-3
    assert max(seen_lengths) >= 3, "nothing was read, so nothing was compared"


def test_the_loss_is_that_of_the_numpy_version(model: PARSeq, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [[1, 2, 3, 4], [4, 3, 2, 1], [2, 1, 3, 4], [3, 1, 2, 4]]  # places as they are read; 4 is the end
    ranks = torch.zeros(4, 5, dtype=torch.int64)
    for row, order in zip(ranks, orders, strict=True):
        row[order] = torch.arange(1, 5)
    monkeypatch.setattr(network, "reading_orders", lambda longest, wanted: ranks)
    text, state, pixels = [5, 9, 5], state_of(model), lines(48)
    with torch.inference_mode():
        mine = model.loss(pixels, labels(text), bf16=False).item()
    tokens = plain.encode(pixels[0].double().numpy(), state, VARIANT.depth, VARIANT.heads)
    assert mine == pytest.approx(plain.orders_loss(text, orders, tokens, state, 2, CLASSES), rel=1e-4)


@torch.inference_mode()
def test_a_shorter_text_costs_the_same_beside_a_longer_one(model: PARSeq, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ORDERS", 2)
    texts = ([7, 8], [1, 2, 3])
    alone = [model.loss(lines(40, 64)[i : i + 1], labels(text), bf16=False).item() for i, text in enumerate(texts)]
    assert model.loss(lines(40, 64), labels(*texts), bf16=False).item() == pytest.approx(sum(alone), rel=1e-4)


def test_orders_come_in_mirrored_pairs_and_begin_with_left_to_right() -> None:
    torch.manual_seed(0)
    ranks = masks.reading_orders(9, 6)
    assert ranks.shape == (6, 11)
    assert ranks[0].tolist() == list(range(11))
    assert ranks[1].tolist() == [0, *range(10, 0, -1)]  # the end first, then from right to left
    for one, other in ((2, 3), (4, 5)):
        assert torch.equal(ranks[one, 1:10] + ranks[other, 1:10], torch.full((9,), 10))
        assert ranks[one, 10] == ranks[other, 10] == 10 and sorted(ranks[one].tolist()) == list(range(11))
    again = masks.reading_orders(9, 6)
    assert not torch.equal(ranks, again)


@pytest.mark.parametrize(("characters", "orders"), [(0, 1), (1, 1), (2, 2), (3, 6), (4, 6)])
def test_short_texts_have_no_order_twice(characters: int, orders: int) -> None:
    for seed in range(8):
        torch.manual_seed(seed)
        ranks = masks.reading_orders(characters, 6)
        assert len(ranks) == orders == len({tuple(row) for row in ranks[:, 1 : characters + 1].tolist()})


def test_masks_say_what_is_read_before() -> None:
    seen = masks.visible(torch.tensor([[0, 2, 1, 3]]))  # the second character first
    assert seen[0].tolist() == [[True, False, True], [True, False, False], [True, True, True]]
    assert masks.cloze(3).tolist() == [[True, False, True], [True, True, False], [True, True, True]]


@torch.inference_mode()
def test_padding_and_neighbours_change_nothing(model: PARSeq) -> None:
    pixels = lines(40, 90, 203)
    together = model(pixels)
    spec = LineSpec(family="parseq")
    for number, width in enumerate((40, 90, 203)):
        text = PARSEQ.decode(together[number].numpy(), spec, width).text
        for padded in (width, width + 1, 300, WIDEST):
            own = F.pad(pixels[number : number + 1, :, :, :width], (0, padded - width), value=1.0)
            alone = model(own)
            assert PARSEQ.decode(alone[0].numpy(), spec, width).text == text
            rows = len(text) + 1
            assert (alone[0, :rows] - together[number, :rows]).abs().max() < 1e-3
    assert model(torch.ones(1, 3, 32, 64)).isfinite().all(), "a line without ink"


@torch.inference_mode()
def test_without_the_mask_padding_would_change_the_scores(model: PARSeq, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = lines(40)
    before = model(F.pad(pixels, (0, 400), value=1.0))[:, :1]
    monkeypatch.setattr("nordocr.model.vit.MASKED", 0.0)
    assert (model(F.pad(pixels, (0, 400), value=1.0))[:, :1] - before).abs().max() > 1e-2


def test_a_smaller_charset_keeps_the_tokens_after_the_classes(model: PARSeq) -> None:
    spec = LineSpec(family="parseq")
    cut, narrowed = cut_charset(model, spec, Charset("letters", spec.characters[:40]))
    assert narrowed.family == "parseq" and narrowed.charset.num_classes == 41
    mine, old = cut.state_dict()["text_embed.embedding.weight"], model.state_dict()["text_embed.embedding.weight"]
    assert torch.equal(mine[:41], old[:41]) and torch.equal(mine[41:], old[CLASSES:])


def test_cuda_graphs_are_refused_for_a_loop(model: PARSeq) -> None:
    with pytest.raises(EngineUnavailable, match="parseq-micro computes as long as its texts are"):
        TorchRecognizer(model, LineSpec(family="parseq"), mode="graphs")


def test_layers_are_counted_from_the_output() -> None:
    for name in ("parseq-micro", "vit-ctc-micro"):
        made = build_model(name)
        parts = {key: made.parts_after(key) for key, _ in made.named_parameters()}
        assert parts["head.weight"] == parts["encoder.norm.bias"] == 0
        assert parts["encoder.blocks.1.attn.qkv.weight"] == 1 and parts["encoder.blocks.0.norm1.bias"] == 2
        assert parts["encoder.pos_embed"] == parts["encoder.patch_embed.proj.weight"] == 3


def test_positions_are_interpolated_between_the_grids_columns() -> None:
    weights = linear_weights(16, 128)
    assert torch.allclose(weights.sum(1), torch.ones(128))
    places = weights @ torch.arange(16.0)
    assert places[0] == 0 and places[-1] == 15 and (places[4:-4].diff() - 1 / 8).abs().max() < 1e-5
    assert torch.equal(linear_weights(128, 128), torch.eye(128))
