"""Pipelines of a few thousand random weights in the shapes of today's picture models, and adapters of trainers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from benchmarks import tiny_covers
from typebeat.covers.looks import COVER_WORDS
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from diffusers import (
        AutoencoderKL,
        AutoencoderKLFlux2,
        DiffusionPipeline,
        EulerAncestralDiscreteScheduler,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
        FluxPipeline,
        FluxTransformer2DModel,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
        StableDiffusionXLPipeline,
        ZImagePipeline,
        ZImageTransformer2DModel,
    )
    from transformers import (
        CLIPTextModel,
        CLIPTextModelWithProjection,
        PreTrainedTokenizerFast,
        Qwen3Config,
        Qwen3ForCausalLM,
        Qwen3Model,
        T5Config,
        T5EncoderModel,
    )

SIDE = 64  # pixels that the tests ask for
WIDTH = 16
KINDS = ("klein", "klein-base", "z-image", "z-image-turbo", "sd3", "flux", "sdxl", "sdxl-turbo", "sd")


def save_picture_model(folder: Path, kind: str, seed: int = 0) -> Path:
    """Saves a pipeline of a kind with random weights in diffusers' layout."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipe = _MAKERS[kind.partition("-base")[0].removesuffix("-turbo")](kind)
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    return folder


def lora_state(network: Any, targets: tuple[str, ...], strength: float = 0.5, rank: int = 2) -> dict[str, Tensor]:
    """Returns a LoRA over a network's layers whose paths end so, spelt as PEFT does, without a prefix."""
    noise = torch.Generator().manual_seed(1)
    state = {}
    for path, layer in network.named_modules():
        if isinstance(layer, torch.nn.Linear) and path.endswith(targets):
            state[f"{path}.lora_A.weight"] = torch.randn(rank, layer.in_features, generator=noise)
            state[f"{path}.lora_B.weight"] = torch.randn(layer.out_features, rank, generator=noise) * strength
    assert state
    return state


def as_kohya(state: Mapping[str, Tensor], prefix: str, alpha: float) -> dict[str, Tensor]:
    """Spells a LoRA as kohya's trainers do, with an alpha for each layer."""
    made = {}
    for name, tensor in state.items():
        path, _, kind = name.rpartition(".lora_")
        stem = prefix + path.replace(".", "_")
        made[f"{stem}.lora_{'down' if kind.startswith('A') else 'up'}.weight"] = tensor
        made[f"{stem}.alpha"] = torch.tensor(alpha)
    return made


def write_adapter(
    folder: Path, state: Mapping[str, Tensor], name: str = "pytorch_lora_weights.safetensors", **metadata: str
) -> Path:
    """Writes an adapter's file, alone in its folder; returns the folder."""
    folder.mkdir(parents=True)
    held = {key: tensor.clone(memory_format=torch.contiguous_format) for key, tensor in state.items()}
    save_file(held, folder / name, {key.replace("__", "."): value for key, value in metadata.items()} or None)
    return folder


def _klein(kind: str) -> DiffusionPipeline:
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLFlux2(**_VAE, latent_channels=4),
        text_encoder=Qwen3ForCausalLM(_qwen(28)),  # the pipeline hears layers 9, 18 and 27
        tokenizer=_chatting_tokenizer(),
        transformer=Flux2Transformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=3 * WIDTH,
            timestep_guidance_channels=16,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ),
        is_distilled="base" not in kind,
    )


def _z_image(kind: str) -> DiffusionPipeline:
    return ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0 if "turbo" in kind else 6.0),
        vae=AutoencoderKL(**_VAE, latent_channels=4, scaling_factor=0.4, shift_factor=0.1),
        text_encoder=Qwen3Model(_qwen(2)),
        tokenizer=_chatting_tokenizer(),
        transformer=ZImageTransformer2DModel(
            all_patch_size=(2,),
            all_f_patch_size=(1,),
            in_channels=4,
            dim=32,
            n_layers=1,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=WIDTH,
            axes_dims=[8, 4, 4],
            axes_lens=[256, 32, 32],
        ),
    )


def _sd3(kind: str) -> DiffusionPipeline:
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=SIDE // 2,
            patch_size=1,
            in_channels=4,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=64,
            caption_projection_dim=32,
            pooled_projection_dim=2 * tiny_covers.WIDTH,
            out_channels=4,
            qk_norm="rms_norm",
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=AutoencoderKL(**_VAE, latent_channels=4, scaling_factor=1.5, shift_factor=0.06),
        text_encoder=CLIPTextModelWithProjection(tiny_covers._text()),
        tokenizer=tiny_covers._tokenizer(),
        text_encoder_2=CLIPTextModelWithProjection(tiny_covers._text()),
        tokenizer_2=tiny_covers._tokenizer(),
        text_encoder_3=_t5(64),
        tokenizer_3=tiny_covers._tokenizer(),
    )


def _flux(kind: str) -> DiffusionPipeline:
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=AutoencoderKL(**_VAE, latent_channels=4, scaling_factor=0.4, shift_factor=0.1),
        text_encoder=CLIPTextModel(tiny_covers._text()),
        tokenizer=tiny_covers._tokenizer(),
        text_encoder_2=_t5(WIDTH),
        tokenizer_2=tiny_covers._tokenizer(),
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=tiny_covers.WIDTH,
            axes_dims_rope=(4, 4, 8),
        ),
    )


def _sd(kind: str) -> DiffusionPipeline:
    return tiny_covers._sd()


def _sdxl(kind: str) -> DiffusionPipeline:
    pipe: StableDiffusionXLPipeline = tiny_covers._sdxl()
    if "turbo" in kind:
        pipe.scheduler = EulerAncestralDiscreteScheduler(timestep_spacing="trailing")
    return pipe


_MAKERS = {"klein": _klein, "z-image": _z_image, "sd3": _sd3, "flux": _flux, "sd": _sd, "sdxl": _sdxl}
_VAE = {
    "block_out_channels": (8, 16),
    "down_block_types": ("DownEncoderBlock2D", "DownEncoderBlock2D"),
    "up_block_types": ("UpDecoderBlock2D", "UpDecoderBlock2D"),
    "norm_num_groups": 4,
    "sample_size": SIDE,
}


def _qwen(layers: int) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=len(COVER_WORDS) + 3,
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=512,
    )


def _t5(width: int) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(vocab_size=len(COVER_WORDS) + 3, d_model=width, d_kv=8, d_ff=16, num_layers=2, num_heads=2)
    )


def _chatting_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = tiny_covers._tokenizer()
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }} {% endfor %}"
    return tokenizer


def write_index(folder: Path, **changes: Any) -> None:
    """Changes what a pipeline's index says."""
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | changes))
