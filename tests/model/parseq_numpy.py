"""PARSeq in NumPy, written from the paper's formulas and the parameter table, to compare the network with."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
State = Mapping[str, Array]

_erf = np.vectorize(math.erf)


def norm(x: Array, state: State, name: str, eps: float) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    return np.asarray(scaled * state[f"{name}.weight"] + state[f"{name}.bias"])


def linear(x: Array, state: State, name: str) -> Array:
    return np.asarray(x @ state[f"{name}.weight"].T + state[f"{name}.bias"])


def gelu(x: Array) -> Array:
    return np.asarray(x * 0.5 * (1 + _erf(x / math.sqrt(2))))


def attention(q: Array, k: Array, v: Array, heads: int, allowed: npt.NDArray[np.bool_]) -> Array:
    """``[N, C]``, ``[M, C]`` twice, and what each query may see, ``[N, M]``; the rest is left out of the sums."""
    out = np.zeros_like(q)
    size = q.shape[1] // heads
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        for row in range(len(q)):
            scores = k[allowed[row], part] @ q[row, part] / math.sqrt(size)
            weights = np.exp(scores - scores.max())
            out[row, part] = weights / weights.sum() @ v[allowed[row], part]
    return out


def encode(image: Array, state: State, depth: int, heads: int) -> Array:
    """``[3, 32, W]``, W a multiple of 8, to the tokens of all its patches ``[8 * W / 8, C]``, row by row."""
    columns = image.shape[2] // 8
    weight, bias = state["encoder.patch_embed.proj.weight"], state["encoder.patch_embed.proj.bias"]
    grid = state["encoder.pos_embed"][0].reshape(8, -1, len(bias))
    tokens = []
    for row in range(8):
        for column in range(columns):
            patch = image[:, 4 * row : 4 * row + 4, 8 * column : 8 * column + 8]
            place = (column + 0.5) * grid.shape[1] / 128 - 0.5  # cells of a line 1,024 px wide
            axis = np.arange(grid.shape[1])
            position = [np.interp(place, axis, grid[row, :, channel]) for channel in range(len(bias))]
            tokens.append((weight * patch).sum((1, 2, 3)) + bias + position)
    x = np.array(tokens)
    everything = np.ones((len(x), len(x)), dtype=np.bool_)
    for number in range(depth):
        block = f"encoder.blocks.{number}"
        q, k, v = np.split(linear(norm(x, state, f"{block}.norm1", 1e-6), state, f"{block}.attn.qkv"), 3, axis=1)
        x = x + linear(attention(q, k, v, heads, everything), state, f"{block}.attn.proj")
        hidden = gelu(linear(norm(x, state, f"{block}.norm2", 1e-6), state, f"{block}.mlp.fc1"))
        x = x + linear(hidden, state, f"{block}.mlp.fc2")
    return norm(x, state, "encoder.norm", 1e-6)


def projected(x: Array, state: State, name: str, part: int) -> Array:
    """Queries (0), keys (1) or values (2) by PyTorch's stacked ``in_proj``."""
    dim = x.shape[1]
    rows = slice(part * dim, (part + 1) * dim)
    return np.asarray(x @ state[f"{name}.in_proj_weight"][rows].T + state[f"{name}.in_proj_bias"][rows])


def decode(
    context: list[int], tokens: Array, state: State, heads: int, seen: npt.NDArray[np.bool_], first: int = 0
) -> Array:
    """Logits of the places ``first``, ... that see what ``seen`` (``[places, len(context)]``) says of the context."""
    layer, places = "decoder.layers.0", state["pos_queries"][0]
    embedded = math.sqrt(places.shape[1]) * state["text_embed.embedding.weight"][context]
    embedded[1:] += places[: len(context) - 1]
    content = norm(embedded, state, f"{layer}.norm_c", 1e-5)
    query = places[first : first + len(seen)]
    own = f"{layer}.self_attn"
    keys, values = projected(content, state, own, 1), projected(content, state, own, 2)
    asked = projected(norm(query, state, f"{layer}.norm_q", 1e-5), state, own, 0)
    query = query + linear(attention(asked, keys, values, heads, seen), state, f"{own}.out_proj")
    cross = f"{layer}.cross_attn"
    keys, values = projected(tokens, state, cross, 1), projected(tokens, state, cross, 2)
    asked = projected(norm(query, state, f"{layer}.norm1", 1e-5), state, cross, 0)
    everything = np.ones((len(query), len(tokens)), dtype=np.bool_)
    query = query + linear(attention(asked, keys, values, heads, everything), state, f"{cross}.out_proj")
    hidden = gelu(linear(norm(query, state, f"{layer}.norm2", 1e-5), state, f"{layer}.linear1"))
    query = query + linear(hidden, state, f"{layer}.linear2")
    return linear(norm(query, state, "decoder.norm", 1e-5), state, "head")


def read(tokens: Array, state: State, heads: int, begin: int, most: int) -> tuple[list[int], Array]:
    """Read greedily up to the end or ``most`` characters, then once more: what was read, and the logits of that."""
    context = [begin]
    while len(context) <= most:
        seen = np.ones((1, len(context)), dtype=np.bool_)
        best = int(decode(context, tokens, state, heads, seen, first=len(context) - 1)[0].argmax())
        if best == 0:
            break
        context.append(best)
    rows = len(context)
    seen = np.ones((rows, rows), dtype=np.bool_)
    for row in range(rows - 1):
        seen[row, row + 1] = False  # a character does not see itself
    return context[1:], decode(context, tokens, state, heads, seen)


def orders_loss(text: list[int], orders: list[list[int]], tokens: Array, state: State, heads: int, begin: int) -> float:
    """The paper's loss of one text: each order is the places (1, ..., n, and n + 1 the end) as they are read."""
    total = 0.0
    for number, order in enumerate(orders):
        seen = np.zeros((len(text) + 1, len(text) + 1), dtype=np.bool_)
        for at, place in enumerate(order):
            seen[place - 1, [0, *(p for p in order[:at] if p <= len(text))]] = True
        logits = decode([begin, *text], tokens, state, heads, seen)
        logs = logits - np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True))
        logs = logs - logits.max(1, keepdims=True)
        wanted = [*text, 0]
        total -= sum(logs[place - 1, wanted[place - 1]] for place in order if number < 2 or place <= len(text))
    return total / len(orders)
