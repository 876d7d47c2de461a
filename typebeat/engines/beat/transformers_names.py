"""The map between transformers' names of MusicGen's tensors and audiocraft's; each side has all that the other has.

transformers keeps queries, keys and values apart where audiocraft stacks them, and the text's projection beside the
decoder where audiocraft has it in a conditioner. Positions are computed, so `embed_positions` has no counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TEXT, MELODY = "description", "self_wav"  # audiocraft's names of the conditions
_CONDITIONER = "condition_provider.conditioners."
_HEAD = "decoder.model.decoder."
_ATTENTIONS = {"self_attn": "self_attn", "cross_attention": "encoder_attn"}
_PLAIN = {
    "norm1": "self_attn_layer_norm",
    "norm_cross": "encoder_attn_layer_norm",
    "norm2": "final_layer_norm",
    "linear1": "fc1",
    "linear2": "fc2",
    "self_attn.out_proj": "self_attn.out_proj",
    "cross_attention.out_proj": "encoder_attn.out_proj",
}
_PROJECTIONS = {TEXT: "enc_to_dec_proj", MELODY: "audio_enc_to_dec_proj"}


@dataclass(frozen=True)
class Stands:
    """Where a tensor of transformers' stands in audiocraft's model.

    Attributes:
        name: audiocraft's name.
        part: 0, 1, 2 for queries, keys, values of a stacked tensor; None for a tensor of its own.
    """

    name: str
    part: int | None = None


def transformers_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Returns transformers' name for each of audiocraft's names of a language model, three for a stacked tensor.

    Raises:
        KeyError: a name that transformers' MusicGen has no counterpart for.
    """
    return {name: _theirs(name) for name in names}


def places(names: Iterable[str]) -> dict[str, Stands]:
    """Returns the inverse of `transformers_names`: where each of transformers' tensors stands."""
    found = {}
    for name, theirs in transformers_names(names).items():
        for part, their in enumerate(theirs):
            found[their] = Stands(name, part if len(theirs) > 1 else None)
    return found


def _theirs(name: str) -> tuple[str, ...]:
    kind = name.rpartition(".")[2]
    if name.startswith("emb."):
        return (f"{_HEAD}embed_tokens.{name[4:]}",)
    if name.startswith("linears."):
        return (f"decoder.lm_heads.{name[8:]}",)
    if name.startswith("out_norm."):
        return (f"{_HEAD}layer_norm.{kind}",)
    for condition, projection in _PROJECTIONS.items():
        if name.startswith(f"{_CONDITIONER}{condition}.output_proj."):
            return (f"{projection}.{kind}",)
    _, _, number, *rest = name.split(".")
    layer, inside = f"{_HEAD}layers.{number}.", ".".join(rest)
    if inside.rpartition(".")[0] in _PLAIN:
        return (f"{layer}{_PLAIN[inside.rpartition('.')[0]]}.{kind}",)
    attention, stacked = rest
    kind = {"in_proj_weight": "weight", "in_proj_bias": "bias"}[stacked]
    return tuple(f"{layer}{_ATTENTIONS[attention]}.{letter}_proj.{kind}" for letter in "qkv")


def to_audiocraft(
    names: Iterable[str], read: Callable[[str], Any], stack: Callable[[list[Any]], Any]
) -> dict[str, Any]:
    """Returns audiocraft's state of `names`, each value read by transformers' name and stacked where it must be."""
    return {
        name: read(theirs[0]) if len(theirs) == 1 else stack([read(each) for each in theirs])
        for name, theirs in transformers_names(names).items()
    }


def to_transformers(state: Mapping[str, Any]) -> dict[str, Any]:
    """Returns transformers' state of audiocraft's, stacked tensors taken apart."""
    found: dict[str, Any] = {}
    for name, theirs in transformers_names(state).items():
        parts = [state[name]] if len(theirs) == 1 else state[name].chunk(3)
        found |= dict(zip(theirs, parts, strict=True))
    return found
