"""Runs the weights of an audiocraft `LMModel` fast: static caches, fused projections, few operations in each step.

It computes what `LMModel.forward` computes in streaming, with less work. The text's keys and values are projected once
for a request; caches are allocated once; rows without text skip cross-attention where it is exactly zero; all heads are
one projection; and weights are laid out for the processor (linear.py).

Several requests can share a step: dense layers, which read all weights, run once over the rows of all; attention and
whatever else could depend on the number of rows runs request by request. So a request gets the same bits in any
company. Where the dense layers themselves depend on it (fp32 on a CPU), each request has its steps to itself.

On CUDA the rows of a step are filled up to a fixed number, so that dense layers always have the same shapes. Only a GPU
can tell whether their kernels then give a row the same bits at any place, what the filling costs a request that is
alone, and what CUDA graphs or `torch.compile` would save; caches, which grow, stand in their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from typebeat.engines.beat.layers import Attention, Layer, Norm, Session, Turn, joined
from typebeat.engines.beat.linear import keeps_rows_apart, pack_linear

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

FILLED_ROWS = 32  # rows of a step on CUDA, filled up; a request with more takes the next multiple, and runs alone

ConditionTensors = dict[str, tuple[Tensor, Tensor]]  # name -> what is attended to or added, and its mask


class UnknownModelError(ValueError):
    """A language model with parts that this decoder does not know; the message names them."""


@dataclass(frozen=True)
class Ask:
    """What a request wants to be fed: tokens (takes, codebooks, length), special ones where the pattern has none."""

    session: Session
    tokens: Tensor


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
        for number, layer in enumerate(lm.transformer.layers):
            self._layers.append(Layer(layer, number, precision))
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
        self._filled = FILLED_ROWS if self._embeddings.is_cuda else 0
        dense = [self._heads, *(each for layer in self._layers for each in layer.dense)]
        self._keeps_rows_apart = bool(self._filled) or all(map(keeps_rows_apart, dense))
        # PyTorch makes machine code for this sum once, and the process dies where there is no memory for that
        self._summed(self._offsets[None])

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
            self._feed([session], [torch.cat(prepended, dim=1).to(self._dtype).repeat_interleave(takes, dim=0)])
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

    def can_share(self, ask: Ask) -> bool:
        """Whether a request may be fed together with others: one step, in layers that give it the same bits then."""
        return self._keeps_rows_apart and ask.tokens.shape[-1] == 1

    def step(self, session: Session, tokens: Tensor) -> Tensor:
        """Feeds one request alone, as `step_all` does."""
        return self.step_all([Ask(session, tokens)])[0]

    def step_all(self, asks: Sequence[Ask]) -> list[Tensor]:
        """Feeds tokens and returns, for each request, the logits after the last of them.

        Args:
            asks: One, or several that `can_share`. Their sessions move on by the number of tokens; if it fails, none
                does.

        Returns:
            Logits in fp32, (2, takes, codebooks, card): what is asked for, and nothing asked (for guidance).
        """
        return self._feed([ask.session for ask in asks], [self._embedded(ask) for ask in asks])

    def _embedded(self, ask: Ask) -> Tensor:
        """Returns a request's tokens as (2 x takes, length, channels)."""
        length = ask.tokens.shape[-1]
        embedded = self._summed((ask.tokens + self._offsets[:, None]).transpose(1, 2).flatten(0, 1))
        return embedded.view(ask.session.takes, length, -1).repeat(2, 1, 1)

    def _summed(self, places: Tensor) -> Tensor:
        """Returns the sums of embeddings, (n, channels), at places (n, codebooks) among those of all codebooks."""
        return F.embedding_bag(places, self._embeddings, mode="sum")

    def _feed(self, sessions: Sequence[Session], embedded: Sequence[Tensor]) -> list[Tensor]:
        """Runs the layers on what each request is fed, (rows, length, channels), the conditions not added yet."""
        length, first = embedded[0].shape[1], 0
        turns, parts = [], []
        for session, x in zip(sessions, embedded, strict=True):
            now = session.added[:, session.position : session.position + length]
            parts.append(x + now.repeat_interleave(session.takes, dim=0))
            turns.append(Turn(session, slice(first, first + len(x))))
            first += len(x)
        filled = -(-first // self._filled) * self._filled if self._filled and length == 1 else 0
        x = joined(parts, filled)
        for layer in self._layers:
            x = layer(x, turns, filled)
        logits = self._heads(self._out_norm(x[:, -1])).float()
        for session in sessions:
            session.position += length
        shape = (self._lm.num_codebooks, self._lm.card)
        return [logits[turn.rows].view(2, turn.session.takes, *shape) for turn in turns]


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
