"""Diffusion pipelines of a few thousand weights, shaped like Stable Diffusion and SDXL, with LoRAs of their own."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from typebeat.engines.quiet import quiet_import

with quiet_import():
    from diffusers import (
        AutoencoderKL,
        EulerDiscreteScheduler,
        StableDiffusionPipeline,
        StableDiffusionXLPipeline,
        UNet2DConditionModel,
    )
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, PreTrainedTokenizerFast

from typebeat.covers.looks import COVER_WORDS

SIDE = 32  # pixels
WIDTH = 32  # of text
TOKENS = 77


def save_tiny(folder: Path, kind: str = "sd", seed: int = 0) -> Path:
    """Saves a pipeline with random weights in diffusers' layout; `kind` is "sd" or "sdxl"."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipe = _sd() if kind == "sd" else _sdxl()
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    return folder


def save_lora(folder: Path, base: Path, kind: str = "sd", seed: int = 1, stated: str | None = None) -> Path:
    """Saves a LoRA over a saved pipeline, large enough to be seen; `stated` is the base that it names."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet = UNet2DConditionModel.from_pretrained(base / "unet")
        unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
        for name, weight in unet.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.5)
    pipeline = StableDiffusionPipeline if kind == "sd" else StableDiffusionXLPipeline
    pipeline.save_lora_weights(folder, unet_lora_layers=get_peft_model_state_dict(unet))
    if stated is not None:
        (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": stated}))
    return folder


def _sd() -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text()),
        tokenizer=_tokenizer(),
        unet=UNet2DConditionModel(**_UNET, cross_attention_dim=WIDTH),
        scheduler=EulerDiscreteScheduler(steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sdxl() -> StableDiffusionXLPipeline:
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text()),
        text_encoder_2=CLIPTextModelWithProjection(_text()),
        tokenizer=_tokenizer(),
        tokenizer_2=_tokenizer(),
        unet=UNet2DConditionModel(
            **_UNET,
            cross_attention_dim=2 * WIDTH,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=WIDTH + 6 * 8,
        ),
        scheduler=EulerDiscreteScheduler(steps_offset=1),
    )


_UNET = {
    "sample_size": SIDE // 2,
    "block_out_channels": (16, 32),
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": 4,
    "norm_num_groups": 8,
}


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(16, 32),
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        latent_channels=4,
        norm_num_groups=8,
        sample_size=SIDE,
    )


def _text() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(COVER_WORDS) + 3,
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TOKENS,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = ["<start>", "<end>", "<unk>", *COVER_WORDS]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 0), ("<end>", 1)]
    )
    special = {"bos_token": "<start>", "eos_token": "<end>", "unk_token": "<unk>", "pad_token": "<end>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=TOKENS, **special)
