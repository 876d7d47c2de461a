"""Builds the untrained parts of the starter's cover model, and saves it in diffusers' layout.

The model is a small Stable Diffusion: a CLIP text encoder with its own vocabulary, and a UNet that also gets the pooled
caption (`addition_embed_type`). It predicts v, with a noise schedule that ends in pure noise, so that dark covers can
be dark.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from diffusers import AutoencoderTiny, DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training.starter.train_cover_vae import LATENTS
from typebeat.covers.looks import COVER_WORDS, MOTIFS
from typebeat.request.words import LEXICON

TOKENS = 77  # per caption, as in every CLIP model
TEXT_WIDTH = 128
VOCABULARY = 2000
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
SHARD = "9MB"


def build_tokenizer(captions: Iterable[str]) -> CLIPTokenizer:
    """Returns a tokenizer with byte pairs learnt from captions and from all words that the app knows."""
    known = [word for phrases in LEXICON.values() for word in phrases] + list(COVER_WORDS)
    known += [word for _, words in MOTIFS.values() for word in words]
    letters = [chr(code) for code in range(33, 127)]
    blank = CLIPTokenizer().backend_tokenizer
    trainer = BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, END],
        initial_alphabet=ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    blank.train_from_iterator([*captions, *known * 20, *letters], trainer)
    learnt = json.loads(blank.to_str())["model"]
    merges = [tuple(pair) for pair in learnt["merges"]]
    return CLIPTokenizer(learnt["vocab"], merges, pad_token=END, model_max_length=TOKENS)


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Returns the untrained text encoder."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        projection_dim=TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TOKENS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def build_unet() -> UNet2DConditionModel:
    """Returns the untrained UNet for latents of LATENTS x 32 x 32."""
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=LATENTS,
        out_channels=LATENTS,
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        block_out_channels=(32, 80, 160),
        layers_per_block=1,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,  # in diffusers, this is the number of heads
        norm_num_groups=16,
        use_linear_projection=True,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )


def build_scheduler() -> DPMSolverMultistepScheduler:
    """Returns the noise schedule with the solver that the app uses."""
    return DPMSolverMultistepScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,
        algorithm_type="dpmsolver++",
    )


def build_pipeline(
    unet: UNet2DConditionModel, vae: AutoencoderTiny, text_encoder: CLIPTextModel, tokenizer: CLIPTokenizer
) -> StableDiffusionPipeline:
    """Returns a diffusers pipeline of the parts."""
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save_cover_model(pipeline: StableDiffusionPipeline, folder: Path) -> None:
    """Writes the pipeline in files below 10 MB; card and adapters in the folder are kept.

    UNet and autoencoder are saved in half precision. The text encoder is not, since transformers would then load it
    in half precision.
    """
    for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
        shutil.rmtree(folder / part, ignore_errors=True)
    pipeline.vae.register_to_config(_name_or_path="")  # else diffusers would write the path of this machine
    pipeline.unet.half()
    pipeline.vae.half()
    pipeline.save_pretrained(folder, max_shard_size=SHARD)
