"""A MusicGen-Stem of a few thousand weights in its makers' layout, and their way to draw with given streams."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.tiny_musicgen import CODEC_CONFIG, LM_CONFIG, changed, save_held, save_model
from typebeat.engines.beat.formats import CODEC_FILE, LM_FILE, STEM_CODEC_FILES

BOOKS = {"bass": 1, "drums": 1, "other": 4}  # codebooks of each stem in musicgen-stem-6cb
MORE_BOOKS = {"bass": 2, "drums": 1, "other": 4}  # in -7cb


def stem_config(books: dict[str, int] = BOOKS) -> dict[str, Any]:
    """Returns an `xp.cfg` with the sections of their solver; some refer to what only its makers have."""
    delays = sorted(delay for count in books.values() for delay in range(count))  # audiocraft takes no others
    return changed(
        LM_CONFIG,
        transformer_lm={"n_q": len(delays)},
        codebooks_pattern={"modeling": "delay", "delay": {"delays": delays, "flatten_first": 0, "empty_initial": 0}},
        conditioners={"bpm": None},
        fuser={"prepend": []},
        solver="musicgen_stem",
        multistem_compression_model_checkpoints={"sources": list(books), "bass": "/checkpoint/${oc.env:USER}/bass.th"},
        instrument_masking_prob=0.5,
        instrument_masking={"ds_factor": 5},
    )


def save_stems(folder: Path, books: dict[str, int] = BOOKS, **sections: Any) -> Path:
    """Writes `state_dict.bin` and a codec for each stem, of seeds of their own; `sections` change the `xp.cfg`."""
    import torch
    from audiocraft.models.builders import get_compression_model
    from omegaconf import OmegaConf

    config = changed(stem_config(books), **sections)
    config["conditioners"] = {name: told for name, told in config["conditioners"].items() if told}
    save_model(folder, config)
    (folder / CODEC_FILE).unlink()
    for seed, (stem, count) in enumerate(books.items(), start=1):
        told = changed(CODEC_CONFIG, rvq={"n_q": count})
        with torch.random.fork_rng(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's about weight_norm
            torch.manual_seed(seed)
            codec = get_compression_model(OmegaConf.create(told))
        yaml = OmegaConf.to_yaml(OmegaConf.create(told))
        save_held(folder / STEM_CODEC_FILES[stem], {"best_state": codec.state_dict(), "xp.cfg": yaml})
    assert (folder / LM_FILE).is_file()
    return folder


def theirs(lm: Any, caption: str, frames: int, guidance: float = 3.0) -> Any:
    """Returns the likeliest tokens (codebooks, frames) of audiocraft's own loop."""
    return _generate(lm, None, caption, frames, guidance)


def theirs_anew(lm: Any, codes: Any, anew: Sequence[int], silence: Any, caption: str, guidance: float = 3.0) -> Any:
    """Returns the likeliest tokens for some streams made anew, by audiocraft's loop and the recipe of MusicGen-Stem.

    Args:
        lm: The model.
        codes: The tokens that are there, (codebooks, frames) of at most five sixths of the model's window.
        anew: Which streams are made anew.
        silence: The tokens of silence, (codebooks,).
        caption: What is asked for.
        guidance: The strength of guidance.
    """
    import torch

    window = int(50 * LM_CONFIG["dataset"]["segment_duration"])
    columns = len(range(0, int(5 / 6 * window), 5))
    prefix = codes[:, ::5]
    prefix = torch.cat([prefix, silence[:, None].repeat(1, columns - prefix.shape[1])], dim=1)
    prefix = torch.cat([prefix, torch.full_like(prefix[:, :1], lm.special_token_id)], dim=1)
    prefix[list(anew)] = lm.special_token_id
    kept = [stream for stream in range(len(codes)) if stream not in anew]
    first = prefix.shape[1]
    with _forced(codes[kept], kept, first):
        return _generate(lm, prefix[None], caption, first + codes.shape[1], guidance)[:, first:]


def ours_anew(models: Any, codes: Any, kept: Sequence[str], caption: str) -> Any:
    """Returns the likeliest tokens of the project's own decoder in fp32 for stems made anew over those that are kept.

    Args:
        models: A language model `lm`, its `codec` of stems and `max_seconds`.
        codes: The tokens that are there, (codebooks, frames).
        kept: The stems that stay.
        caption: What is asked for.
    """
    import torch

    from typebeat.engines import BeatConditions
    from typebeat.engines.beat.conditions import condition_tensors
    from typebeat.engines.beat.decoder import Decoder
    from typebeat.engines.beat.sampling import UNKNOWN_TOKEN, Sampling, Window, WindowRun
    from typebeat.engines.beat.stem_prefix import prefix_of

    prefix = prefix_of(models.codec, models.lm, kept, models.max_seconds)
    known = codes.clone()
    known[prefix.anew] = UNKNOWN_TOKEN
    sampling, window = Sampling(3.0, 1.0, 1, (torch.Generator(),)), Window(0, 0, codes.shape[1])
    with torch.inference_mode():
        tensors = condition_tensors(models.lm, BeatConditions(caption, 140.0, "F minor"))
        shown, decoder = prefix.before(codes)[None], Decoder(models.lm, "fp32")
        run = WindowRun(decoder, models.lm, known[None], window, tensors, sampling, shown)
        while not run.is_over:
            run.take(decoder.step_all([run.ask()])[0])
        return run.tokens()[0]


def _generate(lm: Any, prompt: Any, caption: str, frames: int, guidance: float) -> Any:
    from audiocraft.modules.conditioners import ConditioningAttributes

    asked = ConditioningAttributes(text={"description": caption})
    return lm.generate(prompt, [asked], max_gen_len=frames, use_sampling=False, cfg_coef=guidance)[0]


@contextmanager
def _forced(tokens: Any, streams: list[int], first: int) -> Iterator[None]:
    """Lets `LMModel.generate` begin with tokens that stand in some streams from a frame on, and draw the others."""
    from audiocraft.modules.codebooks_patterns import Pattern

    build = Pattern.build_pattern_sequence

    def given(self: Any, codes: Any, *arguments: Any, **named: Any) -> Any:
        codes[:, streams, first:] = tokens
        return build(self, codes, *arguments, **named)

    Pattern.build_pattern_sequence = given
    try:
        yield
    finally:
        Pattern.build_pattern_sequence = build
