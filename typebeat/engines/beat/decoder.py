"""Runs the weights of an audiocraft `LMModel` fast: static caches, fused projections, few operations in each step.

It computes what `LMModel.forward` computes in streaming, with less work. The text's keys and values are projected once
for a request; caches are allocated once; rows without text skip cross-attention where it is exactly zero; all heads are
one projection; and weights are laid out for the processor (linear.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from typebeat.engines.beat.linear import Linear, pack_linear

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel
    from audiocraft.modules.transformer import StreamingMultiheadAttention, StreamingTransformerLayer

ConditionTensors = dict[str, tuple[Tensor, Tensor]]  # name -> what is attended to or added, and its mask


class UnknownModelError(ValueError):
    """A language model with parts that this decoder does not know; the message names them."""


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


class Layer:
    """One transformer layer: self-attention, cross-attention where the model has text, and two dense layers."""

    def __init__(self, layer: StreamingTransformerLayer, precision: str):
        self.heads = layer.self_attn.num_heads
        self.norms = [Norm(layer.norm1), Norm(layer.norm2)]
        self.query_key_value, self.out = pack_attention(layer.self_attn, precision)
        self.expand = pack_linear(layer.linear1.weight, layer.linear1.bias, precision)
        self.reduce = pack_linear(layer.linear2.weight, layer.linear2.bias, precision)
        self.has_text = layer.cross_attention is not None
        if self.has_text:
            cross, dim = layer.cross_attention, layer.cross_attention.embed_dim
            weight, bias = cross.in_proj_weight, cross.in_proj_bias
            self.norms.append(Norm(layer.norm_cross))
            self.text_query = pack_linear(weight[:dim], None if bias is None else bias[:dim], precision)
            self.text_out = pack_linear(cross.out_proj.weight, cross.out_proj.bias, precision)
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

    def __call__(self, x: Tensor, cache: Attention, text: list[tuple[slice, Attention]], start: int) -> Tensor:
        """Returns the layer's output for x (rows, length, channels) at positions from `start` on; fills the cache."""
        rows, length, _ = x.shape
        end = start + length
        query, key, value = self.query_key_value(self.norms[0](x)).view(rows, length, 3, self.heads, -1).unbind(2)
        cache.keys[:, :, start:end] = key.transpose(1, 2)
        cache.values[:, :, start:end] = value.transpose(1, 2)
        mask = None if length == 1 else causal_mask(start, length, x.device)
        heard = F.scaled_dot_product_attention(
            query.transpose(1, 2), cache.keys[:, :, :end], cache.values[:, :, :end], attn_mask=mask
        )
        x = x + self.out(heard.transpose(1, 2).flatten(2))
        for which, attention in text:
            query = self.split_heads(self.text_query(self.norms[2](x[which])))
            heard = F.scaled_dot_product_attention(query, attention.keys, attention.values)
            x[which] += self.text_out(heard.transpose(1, 2).flatten(2))
        return x + self.reduce(F.gelu(self.expand(self.norms[1](x))))


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


class Decoder:
    """Computes logits step by step. It holds the weights; a `Session` holds what belongs to a request.

    Args:
        lm: The model whose weights are used.
        precision: "fp32" is the reference; "int8" is for CPUs; "fp16" or "bf16" if `lm` has that type.
        keeps_lm: Whether `lm` stays as it is. If not, each of its layers loses its numbers once they are laid out
            anew, so that no more than one layer is in memory twice.

    Raises:
        UnknownModelError: `lm` has parts that audiocraft knows and this decoder does not.
    """

    def __init__(self, lm: LMModel, precision: str, keeps_lm: bool = True):
        refuse_unknown(lm)
        self._lm = lm
        self._layers = []
        for layer in lm.transformer.layers:
            self._layers.append(Layer(layer, precision))
            if not keeps_lm:
                self._layers[-1].take_from(layer)
        self._dtype = lm.transformer.layers[0].linear1.weight.dtype
        self._out_norm = Norm(lm.out_norm)
        embeddings = torch.cat([emb.weight.detach() for emb in lm.emb])
        self._embeddings = embeddings.to(self._dtype)  # (codebooks x (card + 1), channels)
        self._offsets = torch.arange(lm.num_codebooks, device=self._embeddings.device) * (lm.card + 1)
        biases = [head.bias for head in lm.linears]
        bias = None if biases[0] is None else torch.cat(biases).to(self._dtype)
        heads = torch.cat([head.weight for head in lm.linears]).to(self._dtype)
        self._heads = pack_linear(heads, bias, precision)

    def bytes_needed(self, takes: int, steps: int) -> int:
        """Returns how much memory the caches of a request take."""
        weight = self._embeddings
        return 2 * len(self._layers) * 2 * takes * steps * weight.shape[1] * weight.element_size()

    def start(self, tensors: ConditionTensors, takes: int, steps: int) -> Session:
        """Allocates caches and reads the conditions.

        Args:
            tensors: The conditions, in two rows: what is asked for, and nothing.
            takes: Takes made in one batch.
            steps: Length of the delayed sequence.
        """
        prepended = [value for name, (value, _) in tensors.items() if self._lm.fuser.cond2fuse[name] == "prepend"][::-1]
        ahead = sum(value.shape[1] for value in prepended)
        steps += ahead
        weight, heads = self._embeddings, self._layers[0].heads
        shape = (2 * takes, heads, steps, weight.shape[1] // heads)
        caches = [Attention(weight.new_empty(shape), weight.new_empty(shape)) for _ in self._layers]
        source, masks = text_source(self._lm, tensors)
        groups = [] if source is None else self._text_groups(source.to(weight.dtype), masks, takes)
        text = [
            [(rows, _repeated(layer.read_text(source), takes)) for rows, source in groups] for layer in self._layers
        ]
        session = Session(caches, text, added_at_steps(self._lm, tensors, steps).to(self._dtype), takes)
        if ahead:
            self._feed(session, torch.cat(prepended, dim=1).to(self._dtype).repeat_interleave(takes, dim=0))
        return session

    def _text_groups(self, source: Tensor, masks: Tensor, takes: int) -> list[tuple[slice, Tensor]]:
        """Returns which rows attend to which text, (1, length, channels), without its padding.

        Rows that attend only to zeros, through projections without bias, would get exactly zero and are left out.
        """
        has_bias = any(layer.text_has_bias for layer in self._layers)
        groups = []
        for row in range(2):
            real = masks[row].bool()
            kept = source[row : row + 1, real] if real.any() else source[row : row + 1]
            if has_bias or kept.any():
                groups.append((slice(row * takes, (row + 1) * takes), kept))
        return groups

    def step(self, session: Session, tokens: Tensor) -> Tensor:
        """Feeds tokens and returns the logits after the last of them.

        Args:
            session: Made by `start`; it moves on by the number of tokens.
            tokens: (takes, codebooks, length), with the special token where the delay pattern has none.

        Returns:
            Logits in fp32, (2, takes, codebooks, card): what is asked for, and nothing asked (for guidance).
        """
        length = tokens.shape[-1]
        embedded = F.embedding_bag(
            (tokens + self._offsets[:, None]).transpose(1, 2).flatten(0, 1), self._embeddings, mode="sum"
        )
        return self._feed(session, embedded.view(session.takes, length, -1).repeat(2, 1, 1))

    def _feed(self, session: Session, x: Tensor) -> Tensor:
        """Runs the layers on x (rows, length, channels), the conditions not added yet; returns `step`'s logits."""
        start, end = session.position, session.position + x.shape[1]
        x = x + session.added[:, start:end].repeat_interleave(session.takes, dim=0)
        for layer, cache, text in zip(self._layers, session.caches, session.text, strict=True):
            x = layer(x, cache, text, start)
        session.position = end
        last = x[:, -1]
        return self._heads(self._out_norm(last)).float().view(2, session.takes, self._lm.num_codebooks, self._lm.card)


def pack_attention(attention: StreamingMultiheadAttention, precision: str) -> tuple[Linear, Linear]:
    """Returns the fused projection to queries, keys and values, and the output projection."""
    fused = pack_linear(attention.in_proj_weight, attention.in_proj_bias, precision)
    return fused, pack_linear(attention.out_proj.weight, attention.out_proj.bias, precision)


def causal_mask(start: int, length: int, device: torch.device) -> Tensor:
    """Returns which of `start + length` positions each of the last `length` may attend to, (length, start + length)."""
    return torch.ones(length, start + length, dtype=torch.bool, device=device).tril(diagonal=start)


def text_source(lm: LMModel, tensors: ConditionTensors) -> tuple[Tensor | None, Tensor | None]:
    """Returns what cross-attention sees, (2, length, channels), and its mask (2, length); None if there is none."""
    names = [name for name in tensors if lm.fuser.cond2fuse[name] == "cross"]
    if not names:
        return None, None
    source = torch.cat([tensors[name][0] for name in names], dim=1)
    if lm.fuser.cross_attention_pos_emb:
        source = source + lm.fuser.cross_attention_pos_emb_scale * _sines(source.shape[1], source, 10_000)
    return source, torch.cat([tensors[name][1] for name in names], dim=1)


def added_at_steps(lm: LMModel, tensors: ConditionTensors, steps: int) -> Tensor:
    """Returns the sum of the position's sines and of the conditions that are added, (2, steps, channels)."""
    like = lm.emb[0].weight
    added = lm.transformer.positional_scale * _sines(steps, like, lm.transformer.max_period).expand(2, -1, -1)
    for name, (value, _) in tensors.items():
        if lm.fuser.cond2fuse[name] == "sum":
            added = added + (value if value.shape[1] == 1 else value[:, :steps]).to(added.dtype)
    return added


def refuse_unknown(lm: LMModel) -> None:
    """Raises UnknownModelError for parts that audiocraft's transformer may have and this decoder has not."""
    transformer, layer = lm.transformer, lm.transformer.layers[0]
    attention = layer.self_attn
    unknown = {
        f"{transformer.positional_embedding} positions": transformer.positional_embedding != "sin",
        "norms after the layers": not layer.norm_first,
        "norms of another kind": any(not isinstance(m, nn.LayerNorm) for m in (layer.norm1, layer.norm2, lm.out_norm)),
        "layer scale": not isinstance(layer.layer_scale_1, nn.Identity),
        "norms of queries and keys": getattr(attention, "qk_layer_norm", False),
        "grouped keys": getattr(attention, "kv_repeat", 1) != 1,
        "a limited past": getattr(attention, "past_context", None) is not None,
        "attention in parts": not hasattr(attention, "in_proj_weight"),
        "another activation than gelu": layer.activation is not F.gelu,
    }
    methods = set(lm.fuser.cond2fuse.values())
    unknown["sums beside prepended conditions"] = {"sum", "prepend"} <= methods
    unknown["interpolated conditions"] = "input_interpolate" in methods
    found = [name for name, there in unknown.items() if there]
    if found:
        raise UnknownModelError(f"this language model has {', '.join(found)}, which the decoder does not know")


def _sines(length: int, like: Tensor, max_period: float) -> Tensor:
    from audiocraft.modules.transformer import create_sin_embedding

    positions = torch.arange(length, device=like.device).view(1, -1, 1)
    return create_sin_embedding(positions, like.shape[-1], max_period=max_period, dtype=like.dtype)


def _repeated(attention: Attention, rows: int) -> Attention:
    return Attention(attention.keys.expand(rows, -1, -1, -1), attention.values.expand(rows, -1, -1, -1))
