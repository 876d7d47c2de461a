"""Puts an adapter onto a pipeline: all of it or nothing.

diffusers tells trainers' spellings apart, but leaves out what it does not know. So each adapter is first loaded, with a
number of its own in each tensor, onto a pipeline without weights; whatever does not arrive there has no place.
"""

from __future__ import annotations

import copy
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from typebeat.engines import WeightsError
from typebeat.engines.cover import lycoris
from typebeat.engines.cover.naming import ADAPTER_CONFIG, PEFT_FILE, told_config
from typebeat.engines.foreign import TensorPlace, one_line, quoted, read_header, read_json, read_metadata

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

DORA = ".dora_scale"
_PEFT_PREFIX = "base_model.model."
_PREFIXES = ("unet.", "transformer.", "text_encoder")
_PLAIN_PATTERN = re.compile(r"\^?[\w.\\]+\$?", re.ASCII)
_PLAIN_STARTS = (True, False, None, "gaussian", "eva", "orthogonal")  # others change the base itself
_MORE = ("modules_to_save", "trainable_token_indices", "layer_replication", "loftq_config", "eva_config",
         "corda_config", "target_parameters", "exclude_modules", "layers_to_transform", "layers_pattern",
         "use_qalora", "use_bdlora", "arrow_config", "alora_invocation_tokens")  # fmt: skip
_BROKEN = (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, IndexError, ImportError,
           OverflowError)  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """Where a tensor of a file arrives: a component of the pipeline, a layer in it, and what it is there."""

    component: str
    module: str
    kind: str  # "lora_A", "lora_B", "lora_magnitude_vector" or a factor of LoKr


def put_adapter(pipe: DiffusionPipeline, name: str, file: Path, shown: str) -> None:
    """Loads an adapter under a name.

    Args:
        pipe: On the CPU; keeps the adapters that it has.
        name: A name that it has none of yet.
        file: safetensors of LoRA, DoRA, LoHa or LoKr, in the spelling of PEFT, diffusers, kohya or ai-toolkit.
        shown: The pipeline's name, for messages.

    Raises:
        WeightsError: the file is truncated, of another kind, or holds a tensor that has no place in this pipeline.
    """
    header, metadata = read_header(file), read_metadata(file)
    _refuse_strange(told_config(metadata, file), file)
    if not header:
        raise WeightsError(f"{file} changes nothing in {shown}: it is empty")
    state = _read(file)
    try:
        if lycoris.is_loha(header) or (lycoris.is_lokr(header) and hasattr(pipe, "unet")):
            lycoris.put(pipe, name, state, file, shown)
            return
        if any(key.endswith(DORA) for key in header):
            state = _dora_as_peft(pipe, name, state, file, shown)
        else:
            state = _scaled(_prefixed(pipe, state), file)
            _refuse_strangers(state, arrivals(pipe, name, _shapes(state)), file, shown)
        if told_config(metadata, file):  # ranks and scales stand there
            pipe.load_lora_weights(file.parent, weight_name=file.name, adapter_name=name, local_files_only=True)
        else:
            pipe.load_lora_weights(state, adapter_name=name)
    except WeightsError:
        raise
    except _BROKEN as error:
        raise WeightsError(f"refused: {file} does not fit {shown} ({_why(error, len(header))})") from error


def _why(error: Exception, tensors: int) -> str:
    """Says in plain words what the libraries' errors mean."""
    if apart := str(error).count("size mismatch for"):
        return f"{apart} of its {tensors} tensors have other shapes"
    if "ignore_mismatched_sizes" in str(error):  # of a text encoder
        return f"some of its {tensors} tensors have other shapes"
    if isinstance(error, IndexError):
        return f"its {tensors} tensors are of a text encoder with other layers"
    if "infer state dict type" in str(error):
        return "diffusers knows tensors of a text encoder by out_proj, and none is among them"
    return one_line(error)


def arrivals(pipe: DiffusionPipeline, name: str, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, list[Arrival]]:
    """Returns where each tensor of an adapter arrives that is spelt as `shapes` is; a half of a pair raises.

    Raises:
        ValueError: diffusers does not know a name, or a layer gets one of its two matrices alone.
        RuntimeError: shapes differ from the layers'.
    """
    tags = {key: number for number, key in enumerate(shapes, start=1)}
    tagged = {}
    for key, shape in shapes.items():
        value = _rank(key, shapes) if key.endswith(".alpha") else tags[key]
        tagged[key] = torch.tensor(float(value)).expand(shape)
    bare = without_weights(pipe)
    bare.load_lora_weights(tagged, adapter_name=name)
    keys = {number: key for key, number in tags.items()}
    found: dict[str, list[Arrival]] = defaultdict(list)
    ending = re.compile(rf"^(.*)\.(\w+)\.{re.escape(name)}(?:\.weight|\.bias)?$")
    for component in type(pipe)._lora_loadable_modules:
        for path, parameter in getattr(bare, component).named_parameters():
            if not (place := ending.match(path)):
                continue
            if parameter.is_meta:
                raise ValueError(f"a pair of matrices is not whole ({place[1]})")
            for value in parameter.unique().tolist():
                if value not in keys:
                    raise ValueError(f"a pair of matrices is not whole ({place[1]})")
                found[keys[int(value)]].append(Arrival(component, place[1], place[2]))
    return found


def without_weights(pipe: DiffusionPipeline) -> DiffusionPipeline:
    """Returns a pipeline of the same shapes, whose networks that adapters change hold one number again and again."""
    bare = copy.copy(pipe)
    for name in type(pipe)._lora_loadable_modules:
        network = getattr(pipe, name)
        with torch.device("meta"):
            made: Any = (
                type(network).from_config(network.config)
                if hasattr(network, "from_config") and not hasattr(network.config, "to_dict")
                else type(network)(network.config)
            )
        zero = torch.zeros(())
        made.load_state_dict({key: zero.expand(tensor.shape) for key, tensor in made.state_dict().items()}, assign=True)
        for module in made.modules():  # what is computed and in no file, such as the numbers of positions
            for key, buffer in module.named_buffers(recurse=False):
                if buffer.is_meta:
                    setattr(module, key, zero.to(buffer.dtype).expand(buffer.shape))
        setattr(bare, name, made)
    return bare


def _refuse_strangers(state: Mapping[str, Any], found: Mapping[str, Any], file: Path, shown: str) -> None:
    strangers = [key for key in state if key not in found and not key.endswith(".alpha")]
    if strangers:
        told = f"{len(strangers)} of its {len(state)} tensors have no place in {shown}"
        raise WeightsError(f"refused: {file}: {told}, such as {quoted(strangers[0])}")


def _read(file: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    state = load_file(file)
    if broken := next((key for key, tensor in state.items() if not bool(tensor.isfinite().all())), ""):
        raise WeightsError(f"refused: {file}: {quoted(broken)} holds numbers that are not finite")
    return state


def _shapes(state: Mapping[str, Tensor] | Mapping[str, TensorPlace]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(held.shape) for key, held in state.items()}


def _rank(key: str, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Returns the rank of the pair that an alpha belongs to, by which the alpha is divided."""
    stem = key.removesuffix(".alpha")
    for down in ("lora_down.weight", "lora_A.weight", "lora.down.weight", "lokr_w2_b", "lokr_w1_b"):
        if f"{stem}.{down}" in shapes:
            return shapes[f"{stem}.{down}"][0]
    return 1


def _prefixed(pipe: DiffusionPipeline, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Spells names that PEFT gave, or that stand without their network's, as diffusers does."""
    main = "unet" if hasattr(pipe, "unet") else "transformer"
    layers = {name for name, _ in getattr(pipe, main).named_modules()}
    found = {}
    for key, tensor in state.items():
        short = key.removeprefix(_PEFT_PREFIX)
        stem = re.split(r"\.(?:lora_[AB]|lora_magnitude_vector|lokr_\w+|alpha)", short)[0]
        known = stem in layers and not short.startswith(_PREFIXES)
        found[f"{main}.{short}" if known else short if short.startswith(_PREFIXES) else key] = tensor
    return found


def _scaled(state: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    """Applies the alpha of PEFT's configuration, which stands beside the file and which diffusers does not read."""
    config = file.parent / ADAPTER_CONFIG
    told = read_json(config) if config.is_file() and file.name == PEFT_FILE else {}
    _refuse_strange(told, file)
    rank, alpha = told.get("r"), told.get("lora_alpha")
    if not (isinstance(rank, int) and rank > 0 and isinstance(alpha, (int, float))) or told.get("rank_pattern"):
        return state
    scale = alpha / math.sqrt(rank) if told.get("use_rslora") else alpha / rank
    return {key: tensor * scale if ".lora_B" in key and scale != 1 else tensor for key, tensor in state.items()}


def _dora_as_peft(
    pipe: DiffusionPipeline, name: str, state: dict[str, Tensor], file: Path, shown: str
) -> dict[str, Tensor]:
    """Spells kohya's DoRA as PEFT does, with magnitudes, which diffusers would leave out."""
    plain = {key: tensor for key, tensor in state.items() if not key.endswith(DORA)}
    found = arrivals(pipe, name, _shapes(plain))
    _refuse_strangers(plain, found, file, shown)
    made = {}
    for key, tensor in plain.items():
        if key.endswith(".alpha"):
            continue
        if len(found[key]) != 1:
            raise WeightsError(f"refused: {file}: {quoted(key)} is a DoRA of several layers at once")
        place, stem = found[key][0], key.partition(".lora_")[0]
        if place.kind == "lora_B" and f"{stem}.alpha" in state:
            tensor = tensor * (state[f"{stem}.alpha"].float() / tensor.shape[1]).to(tensor.dtype)
        made[f"{place.component}.{place.module}.{place.kind}.weight"] = tensor
        scale = state.get(f"{stem}{DORA}")
        if place.kind == "lora_B" and scale is not None:
            if scale.numel() != tensor.shape[0]:
                raise WeightsError(f"refused: {file}: {quoted(stem + DORA)} is not one number for each output")
            made[f"{place.component}.{place.module}.lora_magnitude_vector"] = scale.reshape(-1)
    if sum(key.endswith("magnitude_vector") for key in made) != len(state) - len(plain):
        raise WeightsError(f"refused: {file}: a {DORA[1:]} of it has no pair of matrices")
    _refuse_strangers(made, arrivals(pipe, name, _shapes(made)), file, shown)
    return made


def _refuse_strange(told: Mapping[str, Any], file: Path) -> None:
    """Raises WeightsError for a configuration of PEFT's that asks for more than LoRA, or for expressions to be run."""
    for key, value in told.items():
        option = key.rpartition(".")[2]
        patterns = value if isinstance(value, dict) else {}
        if (
            (option in _MORE and value)
            or (option == "target_modules" and not isinstance(value, list))
            or (option == "init_lora_weights" and (isinstance(value, (dict, list)) or value not in _PLAIN_STARTS))
            or (option == "peft_type" and value != "LORA")
            or (option == "bias" and value != "none")
            or (option in ("rank_pattern", "alpha_pattern") and not all(map(_PLAIN_PATTERN.fullmatch, patterns)))
        ):
            raise WeightsError(f"refused: {file} has {quoted(key)[1:-1]}; LoRA alone is put onto a base")
