"""Builds the untrained parts of the starter's cover model, and saves it in diffusers' layout.

The model is a small Stable Diffusion: an autoencoder, a CLIP text encoder with its own vocabulary, and a UNet that also
gets the pooled caption (`addition_embed_type`). It is trained by flow matching: it points from the picture to the noise
on a straight path that ends in pure noise, so that dark covers can be dark and light ones need not be white.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from diffusers import AutoencoderTiny, DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from typebeat.covers.looks import COVER_WORDS
from typebeat.covers.vocabulary import VERSION_2
from typebeat.engines.cover.plans import FLOW
from typebeat.request.words import LEXICON

LATENTS = 8
TOKENS = 77  # per caption, as in every CLIP model
TEXT_WIDTH = 128
VOCABULARY = 2000
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
SHARD = "9MB"


def build_tokenizer(captions: Iterable[str]) -> CLIPTokenizer:
    """Returns a tokenizer with byte pairs learnt from captions and from all words that the app knows."""
    known = [word for phrases in LEXICON.values() for word in phrases] + list(COVER_WORDS)
    known += [word for said, words in VERSION_2.motifs.values() for word in (*said.split(), *words)]
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


def build_vae() -> AutoencoderTiny:
    """Returns the untrained autoencoder, of pictures to LATENTS numbers for each 8 x 8 pixels."""
    vae = AutoencoderTiny(
        encoder_block_out_channels=(48, 48, 48, 48),
        decoder_block_out_channels=(64, 64, 64, 64),
        num_encoder_blocks=(0, 1, 2, 2),
        num_decoder_blocks=(4, 4, 1, 0),
        latent_channels=LATENTS,
    )
    nn.init.constant_(vae.decoder.layers[-1].bias, 0.5)  # grey; the decoder's values are 0 to 1
    return vae


def build_unet() -> UNet2DConditionModel:
    """Returns the untrained UNet for latents of LATENTS x 32 x 32."""
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=LATENTS,
        out_channels=LATENTS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(64, 128, 192),
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
    """Returns the solver that the app uses, on the straight paths of flow matching."""
    return DPMSolverMultistepScheduler(
        prediction_type=FLOW,
        use_flow_sigmas=True,
        steps_offset=1,  # means nothing here, but diffusers warns without it
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
