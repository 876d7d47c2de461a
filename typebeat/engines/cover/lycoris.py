"""LoHa and LoKr, as LyCORIS saves them over Stable Diffusion, put onto a pipeline by PEFT.

diffusers reads no LoHa, and LoKr over transformers alone. The names are kohya's: a layer's path with underscores.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from typebeat.engines import WeightsError
from typebeat.engines.foreign import quoted

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

# how each network's layers are spelt: prefix -> name in the pipeline; the longest prefix that fits counts
_NETWORKS = {
    "lora_unet_": "unet",
    "lycoris_": "unet",
    "lora_te_": "text_encoder",
    "lora_te1_": "text_encoder",
    "lora_te2_": "text_encoder_2",
}
_LOHA = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
_LOKR = ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b")


def is_loha(names: Iterable[str]) -> bool:
    """Whether a file's names are those of LoHa."""
    return any(".hada_" in name for name in names)


def is_lokr(names: Iterable[str]) -> bool:
    """Whether a file's names are those of LoKr."""
    return any(".lokr_" in name for name in names)


def put(pipe: DiffusionPipeline, name: str, state: Mapping[str, Tensor], file: Path, shown: str) -> None:
    """Loads a LoHa or a LoKr under a name, alpha applied.

    Raises:
        WeightsError: a tensor has no place in the pipeline, or adapters of another kind are there already.
        ValueError, RuntimeError: PEFT cannot make such factors, or shapes differ.
    """
    wanted = _LOHA if is_loha(state) else _LOKR
    layers = _layers(pipe)
    parts: dict[tuple[str, str], dict[str, Tensor]] = defaultdict(dict)
    strangers = []
    for key, tensor in state.items():
        stem, _, kind = key.partition(".")
        place = layers.get(_as_diffusers(pipe, stem))
        if place is None or (kind not in wanted and kind != "alpha"):
            strangers.append(key)
        else:
            parts[place][kind] = tensor
    strangers += [f"{module}.alpha" for (_, module), held in parts.items() if set(held) == {"alpha"}]
    if strangers:
        told = f"{len(strangers)} of its {len(state)} tensors have no place in {shown}"
        raise WeightsError(f"refused: {file}: {told}, such as {quoted(strangers[0])}")
    for component in {component for component, _ in parts}:
        held = {module: _with_alpha(factors) for (of, module), factors in parts.items() if of == component}
        _put_on(getattr(pipe, component), component, name, held, file)


def _put_on(network: Any, component: str, name: str, held: Mapping[str, dict[str, Tensor]], file: Path) -> None:
    """Puts the factors of each layer onto one network, and checks that they are there."""
    from peft import LoHaConfig, inject_adapter_in_model, set_peft_model_state_dict

    flat = {f"{module}.{kind}": tensor for module, factors in held.items() for kind, tensor in factors.items()}
    if {config.peft_type.value for config in getattr(network, "peft_config", {}).values()} - {_kind(flat)}:
        raise WeightsError(f"refused: {file} is a {_kind(flat)}, which cannot stand beside adapters of another kind")
    if is_loha(flat):
        ranks = {module: factors["hada_w1_b"].shape[0] for module, factors in held.items()}
        usual = Counter(ranks.values()).most_common(1)[0][0]
        others = {module: rank for module, rank in ranks.items() if rank != usual}
        config = LoHaConfig(
            r=usual, alpha=usual, rank_pattern=others, alpha_pattern=dict(others), target_modules=list(held)
        )
        inject_adapter_in_model(config, network, adapter_name=name)
        set_peft_model_state_dict(network, dict(flat), adapter_name=name)
        network._hf_peft_config_loaded = True
    else:
        network.load_lora_adapter(
            {f"{component}.{key}": tensor for key, tensor in flat.items()}, prefix=component, adapter_name=name
        )
    loaded = dict(network.named_parameters())
    lost = [key for key, tensor in flat.items() if loaded.get(f"{key}.{name}", torch.empty(0)).shape != tensor.shape]
    if lost:
        raise WeightsError(f"refused: {file}: {len(lost)} of its tensors have no place, such as {quoted(lost[0])}")


def _kind(names: Iterable[str]) -> str:
    return "LOHA" if is_loha(names) else "LOKR"


def _with_alpha(factors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Applies alpha / rank to the first factor; LoKr of two whole matrices has none."""
    made = {kind: tensor for kind, tensor in factors.items() if kind != "alpha"}
    down = next((made[kind] for kind in ("hada_w1_b", "lokr_w2_b", "lokr_w1_b") if kind in made), None)
    first = next(kind for kind in ("hada_w1_a", "lokr_w1", "lokr_w1_a") if kind in made)
    if down is not None and "alpha" in factors:
        made[first] = made[first] * (factors["alpha"].float() / down.shape[0]).to(made[first].dtype)
    return made


def _layers(pipe: DiffusionPipeline) -> dict[str, tuple[str, str]]:
    """Returns network and path of each layer by kohya's spelling of it."""
    found = {}
    for prefix, component in _NETWORKS.items():
        network = getattr(pipe, component, None)
        if network is None:
            continue
        for path, layer in network.named_modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                flat = path.replace(".base_layer", "").replace(".", "_")
                place = (component, path.replace(".base_layer", ""))
                found[prefix + flat] = place
                if component != "unet":  # this level has gone from newer versions of transformers
                    found[f"{prefix}text_model_{flat}"] = place
    return found


def _as_diffusers(pipe: DiffusionPipeline, stem: str) -> str:
    """Returns a layer's spelling with diffusers' numbers of blocks; SDXL's makers count them otherwise."""
    if not any(block in stem for block in ("input_blocks", "middle_block", "output_blocks")):
        return stem
    from diffusers.loaders.lora_conversion_utils import _maybe_map_sgm_blocks_to_diffusers

    mapped = _maybe_map_sgm_blocks_to_diffusers({f"{stem}.lora_down.weight": None}, pipe.unet.config)
    return str(next(iter(mapped)).removesuffix(".lora_down.weight"))
