"""The layers of a language model as the decoder runs them: fused projections, static caches, rows of many requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from typebeat.engines.beat.linear import Linear, pack_linear

if TYPE_CHECKING:
    from audiocraft.modules.transformer import StreamingMultiheadAttention, StreamingTransformerLayer


@dataclass(frozen=True)
class Attention:
    """Keys and values that some rows attend to: (rows, heads, length, channels a head)."""

    keys: Tensor
    values: Tensor


class Norm:
    """A layer norm, as one call."""

    def __init__(self, norm: nn.LayerNorm):
        self._arguments = norm.normalized_shape, norm.weight.detach(), norm.bias.detach(), norm.eps

    def __call__(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, *self._arguments)


@dataclass
class Session:
    """What one request keeps between steps.

    Attributes:
        caches: Keys and values of each layer, as long as the request.
        text: For each layer, which rows attend to which text.
        added: Added to the tokens' embedding at each position, (2, steps, channels): what is asked for, and nothing.
        takes: Takes made at once; the first `takes` rows know what is asked for, as many more know nothing.
        position: Number of steps that the caches hold.
    """

    caches: list[Attention]
    text: list[list[tuple[slice, Attention]]]
    added: Tensor
    takes: int
    position: int = 0


@dataclass(frozen=True)
class Turn:
    """A request's rows in a step."""

    session: Session
    rows: slice

    def of(self, x: Tensor) -> Tensor:
        """Returns its rows of x."""
        return x if len(x) == self.rows.stop - self.rows.start else x[self.rows]

    def part(self, rows: slice) -> slice:
        """Returns where some of its own rows are among those of all requests."""
        return slice(self.rows.start + rows.start, self.rows.start + rows.stop)


class Layer:
    """One transformer layer: self-attention, cross-attention where the model has text, and two dense layers."""

    def __init__(self, layer: StreamingTransformerLayer, number: int, precision: str):
        self.number = number
        self.heads = layer.self_attn.num_heads
        self.norms = [Norm(layer.norm1), Norm(layer.norm2)]
        self.query_key_value, self.out = pack_attention(layer.self_attn, precision)
        self.expand = pack_linear(layer.linear1.weight, layer.linear1.bias, precision)
        self.reduce = pack_linear(layer.linear2.weight, layer.linear2.bias, precision)
        self.dense = [self.query_key_value, self.out, self.expand, self.reduce]
        self.has_text = layer.cross_attention is not None
        if self.has_text:
            cross, dim = layer.cross_attention, layer.cross_attention.embed_dim
            weight, bias = cross.in_proj_weight, cross.in_proj_bias
            self.norms.append(Norm(layer.norm_cross))
            self.text_query = pack_linear(weight[:dim], None if bias is None else bias[:dim], precision)
            self.text_out = pack_linear(cross.out_proj.weight, cross.out_proj.bias, precision)
            self.dense += [self.text_query, self.text_out]
            self.text_key_value = (weight[dim:], None if bias is None else bias[dim:])  # used once for a request
            self.text_has_bias = bias is not None or cross.out_proj.bias is not None

    def take_from(self, layer: StreamingTransformerLayer) -> None:
        """Frees the numbers of audiocraft's layer; those that are used as they stand there are copied first."""
        if self.has_text:
            weight, bias = self.text_key_value
            self.text_key_value = (weight.detach().clone(), bias)
        layer.to("meta")

    def split_heads(self, x: Tensor) -> Tensor:
        """(rows, length, channels) to (rows, heads, length, channels a head)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def read_text(self, source: Tensor) -> Attention:
        """Returns the keys and values of a text, (rows, length, channels)."""
        keys, values = F.linear(source, *self.text_key_value).chunk(2, dim=-1)
        return Attention(self.split_heads(keys).contiguous(), self.split_heads(values).contiguous())

    def __call__(self, x: Tensor, turns: Sequence[Turn], filled: int) -> Tensor:
        """Returns the layer's output for the requests' x (rows, length, channels); fills their caches.

        Args:
            x: Its length is one if there are several requests.
            turns: Which rows are whose.
            filled: Number of rows that dense layers get, filled up with zeros; 0 for as many as there are.
        """
        fused = self.query_key_value(self.norms[0](x))
        x = x + self.out(joined([self._attend(turn.of(fused), turn.session) for turn in turns], filled))
        self._add_text(x, turns, filled)
        wide = self.expand(self.norms[1](x))
        # on a CPU the last values of a tensor may get another kernel: request by request, they are always the same ones
        wide = F.gelu(wide) if filled else joined([F.gelu(turn.of(wide)) for turn in turns], 0)
        return x + self.reduce(wide)

    def _attend(self, fused: Tensor, session: Session) -> Tensor:
        """Returns what a request's rows hear of itself; `fused` holds queries, keys and values."""
        rows, length, _ = fused.shape
        start, cache = session.position, session.caches[self.number]
        end = start + length
        query, key, value = fused.view(rows, length, 3, self.heads, -1).unbind(2)
        cache.keys[:, :, start:end] = key.transpose(1, 2)
        cache.values[:, :, start:end] = value.transpose(1, 2)
        mask = None if length == 1 else causal_mask(start, length, fused.device)
        heard = F.scaled_dot_product_attention(
            query.transpose(1, 2), cache.keys[:, :, :end], cache.values[:, :, :end], attn_mask=mask
        )
        return heard.transpose(1, 2).flatten(2)

    def _add_text(self, x: Tensor, turns: Sequence[Turn], filled: int) -> None:
        """Adds to the rows of x that attend to a text what they hear of it."""
        groups = [(turn.part(rows), text) for turn in turns for rows, text in turn.session.text[self.number]]
        if not groups:
            return
        counts = [rows.stop - rows.start for rows, _ in groups]
        query = self.text_query(self.norms[2](joined([x[rows] for rows, _ in groups], filled)))
        heard = [
            F.scaled_dot_product_attention(self.split_heads(part), text.keys, text.values).transpose(1, 2).flatten(2)
            for part, (_, text) in zip(query[: sum(counts)].split(counts), groups, strict=True)
        ]
        made = self.text_out(joined(heard, filled))[: sum(counts)].split(counts)
        for part, (rows, _) in zip(made, groups, strict=True):
            x[rows] += part


def joined(parts: Sequence[Tensor], filled: int) -> Tensor:
    """Returns the rows of all parts, and rows of zeros up to `filled`."""
    if len(parts) == 1 and not filled:
        return parts[0]
    missing = filled - sum(map(len, parts))
    if missing > 0:
        parts = [*parts, parts[0].new_zeros((missing, *parts[0].shape[1:]))]
    return torch.cat(parts)


def pack_attention(attention: StreamingMultiheadAttention, precision: str) -> tuple[Linear, Linear]:
    """Returns the fused projection to queries, keys and values, and the output projection."""
    fused = pack_linear(attention.in_proj_weight, attention.in_proj_bias, precision)
    return fused, pack_linear(attention.out_proj.weight, attention.out_proj.bias, precision)


def causal_mask(start: int, length: int, device: torch.device) -> Tensor:
    """Returns which of `start + length` positions each of the last `length` may attend to, (length, start + length)."""
    return torch.ones(length, start + length, dtype=torch.bool, device=device).tril(diagonal=start)
