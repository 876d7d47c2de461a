"""Random MusicGens of a few thousand weights in transformers' format, made and saved by transformers itself."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from typebeat.engines.quiet import quiet_import

CARD, FRAME_RATE, SAMPLE_RATE = 64, 50, 16_000
DIM = 32
WORDS = ["<pad>", "</s>", "<unk>", "▁", "▁dark", "▁bells", "▁over", "▁a", "▁slow", "▁808", "▁warm", "▁keys"]


def make_model(melody: bool = False, stereo: bool = False, layers: int = 2, dim: int = DIM) -> Any:
    """Returns a model of seed 0 with larger weights than the usual start has, so that its tokens are varied."""
    with quiet_import():
        import torch
        from transformers import (
            EncodecConfig,
            MusicgenConfig,
            MusicgenDecoderConfig,
            MusicgenForConditionalGeneration,
            MusicgenMelodyConfig,
            MusicgenMelodyDecoderConfig,
            MusicgenMelodyForConditionalGeneration,
            T5Config,
        )
    torch.set_num_threads(1)
    sizes = {"hidden_size": dim, "num_attention_heads": 4, "num_hidden_layers": layers, "ffn_dim": 2 * dim}
    tokens = {"vocab_size": CARD, "pad_token_id": CARD, "bos_token_id": CARD, "max_position_embeddings": 512}
    channels = {"num_codebooks": 8, "audio_channels": 2} if stereo else {"num_codebooks": 4}
    codec = EncodecConfig(
        num_filters=2, num_residual_layers=1, upsampling_ratios=[8, 5, 4, 2], hidden_size=16, codebook_size=CARD,
        codebook_dim=16, target_bandwidths=[1.2], sampling_rate=SAMPLE_RATE, use_causal_conv=False,
        norm_type="weight_norm", num_lstm_layers=1, use_conv_shortcut=False,
    )  # fmt: skip
    text = T5Config(vocab_size=16, d_model=24, d_kv=8, d_ff=8, num_layers=1, num_heads=2, dropout_rate=0.0)
    config_class, decoder_class, model_class, more = (
        (MusicgenMelodyConfig, MusicgenMelodyDecoderConfig, MusicgenMelodyForConditionalGeneration,
         {"chroma_length": 11})
        if melody
        else (MusicgenConfig, MusicgenDecoderConfig, MusicgenForConditionalGeneration, {})
    )  # fmt: skip
    decoder = decoder_class(**sizes, **tokens, **channels)
    config = config_class(text_encoder=text.to_dict(), audio_encoder=codec.to_dict(), decoder=decoder.to_dict(), **more)
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        model = model_class(config).eval()
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if weight.dim() > 1 and not name.startswith("audio_encoder."):
                    weight.normal_(std=0.3)
                elif name.endswith("proj.bias"):
                    weight.normal_(std=0.1)
            for name, table in model.audio_encoder.named_buffers():
                if name.endswith("codebook.embed"):
                    table.normal_()
    generation = model.generation_config
    generation.update(max_length=200, guidance_scale=3.0, do_sample=True, decoder_start_token_id=CARD)
    generation.update(pad_token_id=CARD, bos_token_id=CARD)
    return model


def make_tokenizer() -> Any:
    """Returns a T5 tokenizer that knows a dozen words."""
    with quiet_import():
        from transformers import T5Tokenizer
    return T5Tokenizer(vocab=[(word, -float(i)) for i, word in enumerate(WORDS)], extra_ids=0)


def save(folder: Path, model: Any, **options: Any) -> Path:
    """Writes a model with its tokenizer, as `save_pretrained` does."""
    model.save_pretrained(folder, **options)
    make_tokenizer().save_pretrained(folder)
    return folder


def their_tokens(
    model: Any, caption: str, frames: int, guidance: float = 3.0, seed: int | None = None, **heard: Any
) -> Any:
    """Returns what transformers draws, (codebooks, frames); the likeliest tokens where there is no seed.

    `heard` is what a melody model's feature extractor makes of a tune.
    """
    import torch

    drawn = []
    decode = model.audio_encoder.decode

    def listen(audio_codes: Any, *arguments: Any, **named: Any) -> Any:
        drawn.append(audio_codes[0, 0])  # of stereo, left and then right
        return decode(audio_codes, *arguments, **named)

    model.audio_encoder.decode = listen
    inputs = make_tokenizer()(caption, return_tensors="pt")
    asked = {"do_sample": seed is not None, "guidance_scale": guidance, "top_k": 20}
    try:
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed or 0)
            codebooks = model.decoder.num_codebooks
            channels = model.config.decoder.audio_channels
            delay = codebooks // channels
            audio = model.generate(**inputs, **heard, **asked, max_length=frames + delay)
    finally:
        del model.audio_encoder.decode
    if channels == 1:
        return drawn[0], audio[0]
    return torch.stack(drawn, dim=1).flatten(0, 1), audio[0]


def own_tokens(
    models: Any, caption: str, frames: int, guidance: float = 3.0, seed: int | None = None, melody: Any = None
) -> Any:
    """Returns what the project's decoder draws in fp32 of `loading.Models`, with transformers' way to draw."""
    import torch

    from typebeat.engines import BeatConditions
    from typebeat.engines.beat import sampling as sampling_module
    from typebeat.engines.beat.conditions import condition_tensors
    from typebeat.engines.beat.decoder import Decoder
    from typebeat.engines.beat.sampling import Sampling, Window, WindowRun

    def as_transformers(logits: Any, sampling: Any) -> Any:
        best = torch.topk(logits[0], sampling.top_k).values[..., -1, None]
        shares = torch.softmax(logits[0].masked_fill(logits[0] < best, -torch.inf), dim=-1)
        return torch.multinomial(shares, 1)[None, :, 0]

    lm, draw = models.lm, sampling_module.draw_tokens
    known = torch.zeros((1, lm.num_codebooks, 0), dtype=torch.long)
    sampling = Sampling(guidance, 1.0, 1 if seed is None else 20, (torch.Generator(),))
    if seed is not None:
        sampling_module.draw_tokens = as_transformers
    try:
        with torch.random.fork_rng(), torch.inference_mode():
            tensors = condition_tensors(lm, BeatConditions(caption, 140.0, "F minor", melody=melody))
            torch.manual_seed(seed or 0)
            decoder = Decoder(lm, "fp32")
            run = WindowRun(decoder, lm, known, Window(0, 0, frames), tensors, sampling)
            while not run.is_over:
                run.take(decoder.step_all([run.ask()])[0])
            tokens = run.tokens()
            return tokens[0], models.codec.decode(tokens)[0]
    finally:
        sampling_module.draw_tokens = draw
