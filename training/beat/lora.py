"""Adds LoRA adapters to audiocraft's language models with PEFT, and merges them completely.

audiocraft has two kinds of attention. MusicGen's keeps the projections of queries, keys and values in one parameter,
which PEFT wraps as such; the other is torch's `MultiheadAttention`, for which PEFT has a layer. Two traps are avoided
and checked: an adapter on `out_proj` of a `MultiheadAttention` never gets a gradient, and PEFT's merge leaves a layer
wrapped if it is nested in another wrapped layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from training.runs.errors import TrainingError
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from peft import LoraConfig, PeftModel, get_peft_model
    from peft.tuners.lora import LoraLayer

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

FEED_FORWARD = ("linear1", "linear2")
_MERGED_TOLERANCE = 1e-3  # between logits, which are of the order of 1 to 10


def add_lora(lm: LMModel, rank: int, alpha: int, base: str, seed: int, dtype: torch.dtype) -> PeftModel:
    """Freezes the model in `dtype` and adds fp32 adapters to attention and feed-forward of every layer.

    Returns:
        PEFT's wrapper, for saving and merging; `lm` itself is changed in place and is the model to train.

    Raises:
        TrainingError: the number of adapters is not the expected one.
    """
    attentions = [_attentions(layer) for layer in lm.transformer.layers]
    is_bare = attentions[0][0].custom
    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        target_modules=[*FEED_FORWARD, "out_proj" if is_bare else "mha"],
        target_parameters=["self_attn.in_proj_weight", "cross_attention.in_proj_weight"] if is_bare else None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        adapted = get_peft_model(lm, config)
    adapted.peft_config["default"].base_model_name_or_path = base  # PEFT has cleared it
    for parameter in lm.parameters():
        parameter.data = parameter.data.to(torch.float32 if parameter.requires_grad else dtype)
    wrapped = sum(isinstance(module, LoraLayer) for module in lm.modules())
    wanted = sum(2 * len(each) + len(FEED_FORWARD) for each in attentions)
    if wrapped != wanted:
        raise TrainingError(f"{wrapped} places of {base} were adapted, it has {wanted}; its layers have other names")
    return adapted


def check_gradients(lm: LMModel, loss: Tensor) -> None:
    """Raises TrainingError unless every adapter gets a gradient from `loss`; clears the gradients."""
    loss.backward()
    # before training lora_B is zero, so that lora_A has no gradient yet
    dead = [
        name
        for name, parameter in lm.named_parameters()
        if "lora_B" in name and (parameter.grad is None or not bool(parameter.grad.any()))
    ]
    lm.zero_grad(set_to_none=True)
    if dead:
        raise TrainingError(f"{len(dead)} adapters would never learn, such as {dead[0]}")


@torch.no_grad()
def merge(adapted: PeftModel) -> LMModel:
    """Returns the language model with its adapters merged into the weights, in fp32, without any PEFT layer."""
    adapted.float()
    lm = adapted.merge_and_unload(safe_merge=True)
    for name, module in list(lm.named_modules()):
        if isinstance(module, LoraLayer):  # it was nested in another wrapped layer
            module.merge(safe_merge=True)
            parent, _, last = name.rpartition(".")
            setattr(lm.get_submodule(parent), last, module.get_base_layer())
    return lm


def check_merged(lm: LMModel, names: set[str], before: Tensor, after: Tensor) -> None:
    """Raises TrainingError unless a merged model has the names of the base and the logits of the adapted model."""
    apart = names ^ set(lm.state_dict())
    if apart:
        raise TrainingError(f"merging left {len(apart)} names that are not the base's, such as {sorted(apart)[0]}")
    error = float((before - after).abs().max())
    if not error <= _MERGED_TOLERANCE * max(1.0, float(before.abs().max())):
        raise TrainingError(f"the merged model answers otherwise than the adapted one: logits differ by {error:.2g}")


def _attentions(layer: nn.Module) -> list[nn.Module]:
    return [each for each in (layer.self_attn, layer.cross_attention) if each is not None]
