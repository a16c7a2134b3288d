"""Reading character by character, written once for PyTorch and for the exported graph.

With one decoder layer a character's keys and values never change once it is read, so each is computed once and kept,
and a step costs one query. Memory for them is laid out for the longest text before the first step: no shape changes
from step to step, which every runtime's loop can bear. Under tracing the loop is compiled, so that the graph has one
Loop node that ends when every line of the batch has ended, and not one copy of the layer for each character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from nordocr.model.parseq.network import PARSeq


def read_greedily(network: PARSeq, memory: tuple[Tensor, Tensor], end: Tensor) -> Tensor:
    """Read lines from left to right, the most probable character at each step.

    Args:
        network: The network.
        memory: Keys and values of the lines' patches, ``[B, heads, N, C / heads]``.
        end: What is added to the scores of the patches, ``[B, 1, 1, N]``.

    Returns:
        Classes, int64 ``[B, longest + 1]``; 0 from where all lines have ended.
    """
    layer, places = network.layer, network.pos_queries
    dim = places.shape[2]
    scale = float(dim // layer.self_attn.heads) ** -0.5
    looking = layer.self_attn.queries(layer.norm_q(places)) * scale
    before = F.pad(places[:, :-1], (0, 0, 1, 0))
    key_weight, value_weight = layer.self_attn.in_proj_weight[dim : 2 * dim], layer.self_attn.in_proj_weight[2 * dim :]
    key_bias, value_bias = layer.self_attn.in_proj_bias[dim : 2 * dim], layer.self_attn.in_proj_bias[2 * dim :]
    weights = [
        network.text_embed.embedding.weight * network.text_embed.scale,
        layer.norm_c.weight, layer.norm_c.bias, key_weight, key_bias, value_weight, value_bias,
        layer.self_attn.out_proj.weight, layer.self_attn.out_proj.bias,
        layer.norm1.weight, layer.norm1.bias,
        layer.cross_attn.in_proj_weight[:dim] * scale, layer.cross_attn.in_proj_bias[:dim] * scale,
        layer.cross_attn.out_proj.weight, layer.cross_attn.out_proj.bias,
        layer.norm2.weight, layer.norm2.bias,
        layer.linear1.weight, layer.linear1.bias, layer.linear2.weight, layer.linear2.bias,
        network.decoder.norm.weight, network.decoder.norm.bias,
        network.head.weight, network.head.bias,
    ]  # fmt: skip
    read: Tensor = _read(memory[0], memory[1], end, places, looking, before, weights, network.begin)
    return read


@torch.jit.script_if_tracing  # type: ignore[untyped-decorator]
def _read(
    keys: Tensor,
    values: Tensor,
    end: Tensor,
    places: Tensor,
    looking: Tensor,
    before: Tensor,
    weights: list[Tensor],
    begin: int,
) -> Tensor:
    (embedding, c_gain, c_bias, k_weight, k_bias, v_weight, v_bias, o_weight, o_bias, n1_gain, n1_bias, q_weight,
     q_bias, x_weight, x_bias, n2_gain, n2_bias, l1_weight, l1_bias, l2_weight, l2_bias, n_gain, n_bias, h_weight,
     h_bias) = weights  # fmt: skip
    # Everything that has a row for each line is computed from what was given: in a script within a trace, zeros of a
    # shape would become a constant with as many lines as the example has.
    heads, size = keys.shape[1], keys.shape[3]
    dim, rows = heads * size, places.shape[1]
    turned = keys.transpose(2, 3)
    number = torch.arange(rows, device=keys.device)
    k_kept = keys[:, :, :1].repeat(1, 1, rows, 1)
    v_kept = values[:, :, :1].repeat(1, 1, rows, 1)
    alive = (keys[:, 0, 0, 0].abs() >= 0).to(torch.int64)
    nothing = (alive * 0).to(keys.dtype).reshape(-1, 1, 1, 1)
    token = alive * begin
    read = token.unsqueeze(1).repeat(1, rows) * 0
    at, going = 0, True
    while going:
        here = number == at
        content = F.layer_norm(embedding[token] + before[0, at], [dim], c_gain, c_bias)
        k_new = F.linear(content, k_weight, k_bias).reshape(-1, heads, 1, size)
        v_new = F.linear(content, v_weight, v_bias).reshape(-1, heads, 1, size)
        k_kept = torch.where(here.unsqueeze(1), k_new, k_kept)
        v_kept = torch.where(here.unsqueeze(1), v_new, v_kept)
        seen = torch.where(number > at, -1e4, 0.0).to(keys.dtype)  # MASKED, which a script cannot name
        # One query a line, said explicitly: ONNX Runtime's fused product does not spread one over all lines.
        scores = (looking[:, :, at : at + 1] + nothing) @ k_kept.transpose(2, 3) + seen
        mixed = (scores.softmax(-1) @ v_kept).transpose(1, 2).reshape(-1, 1, dim)
        query = places[:, at : at + 1] + F.linear(mixed, o_weight, o_bias)
        asked = F.linear(F.layer_norm(query, [dim], n1_gain, n1_bias), q_weight, q_bias)
        asked = asked.reshape(-1, 1, heads, size).transpose(1, 2)
        mixed = ((asked @ turned + end).softmax(-1) @ values).transpose(1, 2).reshape(-1, 1, dim)
        query = query + F.linear(mixed, x_weight, x_bias)
        hidden = F.gelu(F.linear(F.layer_norm(query, [dim], n2_gain, n2_bias), l1_weight, l1_bias))
        query = query + F.linear(hidden, l2_weight, l2_bias)
        logits = F.linear(F.layer_norm(query, [dim], n_gain, n_bias), h_weight, h_bias)
        token = logits[:, 0].argmax(-1)
        read = torch.where(here, token.unsqueeze(1), read)
        alive = alive * token.clamp(0, 1)
        at += 1
        going = at < rows and bool(alive.sum() > 0)
    return read
