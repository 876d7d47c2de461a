"""LoRA adapters as PEFT saves them, put onto a base's weights and taken off again without loading the base anew.

Adapters of transformers' MusicGen and of audiocraft's (as training/ makes them) fit any base that has the shapes, in
whichever of the two formats it is. Whatever an adapter has besides plain LoRA is refused, and so is one with a tensor
that fits nowhere: half of an adapter is another adapter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from typebeat.engines import HubUnreachableError, Weights, WeightsError
from typebeat.engines.beat.formats import ADAPTER_CONFIG, ADAPTER_FILE, base_of, refuse_more_than_lora
from typebeat.engines.beat.transformers_names import Stands, places
from typebeat.engines.checkpoints import fingerprint
from typebeat.engines.foreign import quoted, read_header, read_json, read_licence
from typebeat.engines.locate import Located, locate

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

_PREFIX, _WRAPPED = "base_model.model.", ".base_layer"
_PLAIN_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*(?:@[\w./-]+)?", re.ASCII)
_ENDING = re.compile(r"\.lora_(?:(embedding)_)?([AB])(?:\.default)?(?:\.weight)?$")


@dataclass(frozen=True)
class Delta:
    """What is added to one tensor of the base, or to a third of a stacked one.

    Attributes:
        stands: Where it is added.
        down: (rank, in).
        up: (out, rank).
        scale: Of their product.
        is_embedding: Whether the product is added the other way round.
    """

    stands: Stands
    down: Tensor
    up: Tensor
    scale: float
    is_embedding: bool

    def product(self) -> Tensor:
        """Returns what is added at strength one, in fp32."""
        made = self.scale * (self.up.float() @ self.down.float())
        return made.T if self.is_embedding else made


@dataclass(frozen=True)
class Pair:
    """Two matrices of an adapter that were found to fit a tensor of the base, by their names and shapes.

    Attributes:
        stands: Where their product is added.
        down: Name of the matrix of (rank, in).
        up: Name of the matrix of (out, rank).
        scale: Of their product.
        is_embedding: Whether the product is added the other way round.
    """

    stands: Stands
    down: str
    up: str
    scale: float
    is_embedding: bool


@dataclass(frozen=True)
class Adapter:
    """An adapter that was found to fit a base, ready to be put onto it."""

    deltas: tuple[Delta, ...]
    files: tuple[Path, ...]


class AdapterSlot:
    """A language model and the adapter on it; what the adapter changes is kept, so that it comes off exactly."""

    def __init__(self, lm: LMModel) -> None:
        self._lm = lm
        self._kept: dict[str, Tensor] = {}
        self.adapter: Adapter | None = None
        self.strength = 1.0

    @torch.no_grad()
    def put(self, adapter: Adapter | None, strength: float = 1.0) -> None:
        """Takes off what is on, and puts an adapter on at some strength, 0 (nothing) to 2; None leaves the base."""
        self.adapter, self.strength = adapter, strength
        held = dict(self._lm.named_parameters())
        for name, tensor in self._kept.items():
            held[name].copy_(tensor)
        self._kept = {}
        if adapter is None or strength == 0:
            return
        for delta in adapter.deltas:
            name, part = delta.stands.name, delta.stands.part
            weight = held[name]
            if name not in self._kept:
                self._kept[name] = weight.detach().clone()
            place = weight if part is None else weight.chunk(3)[part]
            added = (strength * delta.product()).to(place.device)
            place.copy_((place.float() + added).to(place.dtype))


def find_base(folder: Path, device: str) -> Located:
    """Finds an adapter's base, whose licence is filled in: beside it under its name, the starter's, or the Hub's.

    Raises:
        WeightsError: it names none that can be looked for; HubUnreachableError: the Hub did not give it.
    """
    named = base_of(read_json(folder / ADAPTER_CONFIG), folder / ADAPTER_CONFIG)
    beside = folder.resolve().parent / named
    if _PLAIN_NAME.fullmatch(named) and beside.is_dir():
        return Located(beside, Weights(named, "folder", "", read_licence(beside), device, ""))
    if named != "starter" and not _HUB_NAME.fullmatch(named):
        told = f"{quoted(named)}; it is a repository owner/name, or a folder beside the adapter"
        raise WeightsError(f"refused: {folder} names no base that can be looked for: {told}")
    located = locate(named, device, "beat")
    if located.weights.notice:
        raise HubUnreachableError(f"the Hub could not be reached for {named}, the base of the adapter {folder.name}")
    licence = located.weights.licence or read_licence(located.folder)
    return replace(located, weights=replace(located.weights, licence=licence))


def base_name(base: Weights, files: Sequence[Path]) -> str:
    """Returns an adapter's base as recipes name it; its revision is the hash of its files if it has none."""
    return f"{base.name}@{base.revision or fingerprint(files)}"


def read_adapter(folder: Path, lm: LMModel) -> Adapter:
    """Reads an adapter and finds the place of each of its tensors in `lm`.

    Raises:
        WeightsError: as `find_pairs`, or it holds numbers that are not finite.
    """
    from safetensors import safe_open

    file, deltas = folder / ADAPTER_FILE, []
    pairs = find_pairs(folder, {name: tuple(parameter.shape) for name, parameter in lm.named_parameters()})
    with safe_open(file, framework="pt") as opened:
        for pair in pairs:
            down, up = opened.get_tensor(pair.down), opened.get_tensor(pair.up)
            if not (bool(down.isfinite().all()) and bool(up.isfinite().all())):
                raise WeightsError(f"refused: {file}: {quoted(pair.down)} holds numbers that are not finite")
            deltas.append(Delta(pair.stands, down, up, pair.scale, pair.is_embedding))
    return Adapter(tuple(deltas), (folder / ADAPTER_CONFIG, file))


def find_pairs(folder: Path, shapes: Mapping[str, tuple[int, ...]]) -> list[Pair]:
    """Finds the place of each of an adapter's tensors in a base; reads the header of its file, and no numbers.

    Args:
        folder: Of the adapter.
        shapes: Of the base's language model, by audiocraft's names.

    Raises:
        WeightsError: it is missing, truncated, more than plain LoRA, or of another base.
    """
    file = folder / ADAPTER_FILE
    if not file.is_file():
        raise WeightsError(f"{file} is missing; an adapter is read from safetensors alone")
    config = read_json(folder / ADAPTER_CONFIG)
    refuse_more_than_lora(config, folder / ADAPTER_CONFIG)
    known, header = _known_modules(shapes), read_header(file)
    pairs: dict[str, dict[str, str]] = {}
    strangers = []
    for key in header:
        ending = _ENDING.search(key)
        module = key[: ending.start()].removeprefix(_PREFIX).replace(_WRAPPED, "") if ending else ""
        if not ending or module not in known or ending[2] in pairs.get(module, {}):  # or one that it has twice
            strangers.append(key)
            continue
        pairs.setdefault(module, {})[ending[2]] = key
        pairs[module]["embedding"] = ending[1] or ""
    halves = [module for module, pair in pairs.items() if {"A", "B"} - set(pair)]
    total = sum(len(set(pair) & {"A", "B"}) for pair in pairs.values()) + len(strangers)
    if strangers or halves or not pairs:
        example = f", such as {quoted((strangers + halves)[0])}" if strangers + halves else ""
        told = f"{len(strangers) + len(halves)} of its {total} tensors have no place in the base that it names"
        raise WeightsError(f"refused: {file}: {told}{example}")
    held = {name: place.shape for name, place in header.items()}
    return [_fitting(module, pair, config, known[module], shapes, held, file) for module, pair in pairs.items()]


def _known_modules(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Stands]:
    """Returns where each module that an adapter may name stands: audiocraft's names and transformers'."""
    weights = [name for name in shapes if name.endswith((".weight", ".in_proj_weight"))]
    found: dict[str, Stands] = {}
    for name in weights:
        found.setdefault(name.rpartition(".")[0], Stands(name))
    try:
        theirs = places(weights)
    except (KeyError, ValueError):  # a model that transformers has no counterpart for, such as the starter
        theirs = {}
    for name, stands in theirs.items():
        if name.endswith(".weight"):
            found[name.removesuffix(".weight")] = stands
    return found


def _fitting(
    module: str,
    pair: Mapping[str, str],
    config: Mapping[str, Any],
    stands: Stands,
    shapes: Mapping[str, tuple[int, ...]],
    held: Mapping[str, tuple[int, ...]],
    file: Path,
) -> Pair:
    """Returns a pair of matrices of the shapes `held` once they fit the base's tensor, else raises WeightsError."""
    down, up = held[pair["A"]], held[pair["B"]]
    rank = _pattern(config, "rank_pattern", module, config.get("r", 8), file)
    alpha = _pattern(config, "alpha_pattern", module, config.get("lora_alpha", 8), file)
    rows, *rest = shapes[stands.name]
    wanted = (rows if stands.part is None else rows // 3, *rest)
    is_embedding = bool(pair["embedding"])
    made = (up[0], down[1]) if len(up) == len(down) == 2 else ()
    if (made[::-1] if is_embedding else made) != wanted:
        raise WeightsError(f"refused: {file}: {quoted(pair['A'])} is for another base, whose tensor is {made}")
    if not rank == down[0] == up[1]:
        raise WeightsError(f"refused: {file}: {quoted(pair['A'])} is of rank {down[0]}, its config says {rank:g}")
    scale = alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank
    return Pair(stands, pair["A"], pair["B"], scale, is_embedding)


def _pattern(config: Mapping[str, Any], kind: str, module: str, usual: object, file: Path) -> float:
    """Returns the number of the first pattern that is a module's name or the end of it; else the usual one."""
    patterns = config.get(kind) or {}
    number: Any = usual
    if not isinstance(patterns, dict):
        raise WeightsError(f"{file}: its {kind} is no table of names")
    for pattern, told in patterns.items():
        name = re.sub(r"\\(.)", r"\1", pattern.removeprefix("^").removesuffix("$"))
        if not re.fullmatch(r"[\w.]+", name, re.ASCII):  # PEFT would run it as an expression, which may never end
            raise WeightsError(f"{file}: its {kind} holds {quoted(pattern)}, which is no plain name")
        if f".{module}".endswith(f".{name}"):
            number = told
            break
    if type(number) not in (int, float) or not 0 < number <= 1 << 16:
        raise WeightsError(f"{file}: its rank or alpha is {quoted(number)}")
    return float(number)
