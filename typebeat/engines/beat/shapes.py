"""Sizes that a configuration asks for, compared with the tensors that are there before anything of that size is made.

The model is built once without memory (on torch's "meta" device), so a width of a million costs nothing; whatever would
make loops long is bounded by the number of tensors first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from typebeat.engines import WeightsError
from typebeat.engines.foreign import one_line, quoted

if TYPE_CHECKING:
    from omegaconf import DictConfig

COUNTS = (
    "num_layers",
    "n_q",
    "encodec_n_q",
    "n_q_out",
    "n_residual_layers",
    "lstm",
    "compression_model_n_q",
)  # what loops count up to
FEWEST, LARGEST_DELAY = 64, 4_096


def check_config(
    builder: Callable[[DictConfig], nn.Module], config: DictConfig, state: Mapping[str, Any], file: Path
) -> None:
    """Raises WeightsError unless what `builder` makes of `config` has the tensors of `state`, names and shapes.

    Text encoders that are fetched by name are left out, and what `state` has besides is left to whoever loads it.
    """
    from omegaconf import OmegaConf

    plain = OmegaConf.to_container(config)
    _refuse_long_loops(plain, max(FEWEST, len(state)), file)
    plain["device"], plain["dtype"] = "meta", "float32"
    conditioners = plain.get("conditioners") or {}
    for name in [name for name, told in conditioners.items() if name != "args" and told.get("model") == "t5"]:
        del conditioners[name]
    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            wanted = builder(OmegaConf.create(plain)).state_dict()
    except Exception as error:  # a configuration can be wrong in any way
        raise WeightsError(f"{file}: audiocraft cannot build its xp.cfg ({one_line(error)})") from error
    compare_shapes(shapes_of(wanted), shapes_of(state), f"{file}", "xp.cfg")


def compare_shapes(
    wanted: Mapping[str, tuple[int, ...]], held: Mapping[str, tuple[int, ...]], file: str, config: str
) -> None:
    """Raises WeightsError for the first tensor that is missing or of another shape."""
    apart = [name for name in wanted if held.get(name) != wanted[name]]
    if apart:
        name = apart[0]
        there = f"is {quoted(str(held[name]))[1:-1]} and not {wanted[name]}" if name in held else "is missing"
        told = f"{len(apart)} of {len(wanted)}, such as {quoted(name)[1:-1]}, which {there}"
        raise WeightsError(f"{file}: its tensors do not fit its {config} ({told})")


def shapes_of(state: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Returns the shape of each tensor in `state`."""
    return {name: tuple(tensor.shape) for name, tensor in state.items() if isinstance(tensor, Tensor)}


def _refuse_long_loops(node: Any, most: int, file: Path, name: str = "") -> None:
    is_delay = name in ("delays", "flattening", "flatten_first", "empty_initial")
    if isinstance(node, (dict, list)):
        if isinstance(node, list) and len(node) > most:
            raise WeightsError(f"{file}: its xp.cfg asks for {len(node):,} times a part, and the file has no such part")
        for key, held in node.items() if isinstance(node, dict) else ((name, each) for each in node):
            _refuse_long_loops(held, most, file, str(key))
    elif isinstance(node, (int, float)) and node > (most if name in COUNTS else LARGEST_DELAY if is_delay else node):
        raise WeightsError(f"{file}: its xp.cfg asks for {node:,} times a part, and the file has no such part")
