"""A MusicGen of a few thousand weights, made by audiocraft's builders and saved in audiocraft's format."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

from typebeat.engines.quiet import import_audiocraft

FRAME_RATE = 50  # Hz
SAMPLE_RATE = 16_000  # Hz
CODEBOOKS = 4
CARDINALITY = 48
WINDOW_SECONDS = 4.0
FILES = ("state_dict.bin", "compression_state_dict.bin")

LM_CONFIG: dict[str, Any] = {
    "device": "cpu",
    "dtype": "float32",
    "lm_model": "transformer_lm",
    "dataset": {"segment_duration": WINDOW_SECONDS},
    "transformer_lm": {
        "dim": 32,
        "num_heads": 4,
        "num_layers": 2,
        "hidden_scale": 2,
        "n_q": CODEBOOKS,
        "card": CARDINALITY,
        "dropout": 0.0,
        "emb_lr": None,
        "activation": "gelu",
        "norm_first": True,
        "bias_ff": False,
        "bias_attn": False,
        "bias_proj": False,
        "causal": True,
        "memory_efficient": True,
        "attention_as_float32": False,
        "positional_embedding": "sin",
    },
    "codebooks_pattern": {
        "modeling": "delay",
        "delay": {"delays": [0, 1, 2, 3], "flatten_first": 0, "empty_initial": 0},
    },
    "attribute_dropout": {"args": {"active_on_eval": False}},
    "classifier_free_guidance": {"training_dropout": 0.3, "inference_coef": 3.0},
    "conditioners": {
        "args": {"merge_text_conditions_p": 0.25, "drop_desc_p": 0.3},
        "description": {"model": "lut", "lut": {"n_bins": 128, "dim": 16, "tokenizer": "noop"}},
        "bpm": {"model": "lut", "lut": {"n_bins": 128, "dim": 16, "tokenizer": "noop"}},
    },
    "fuser": {
        "cross_attention_pos_emb": False,
        "cross_attention_pos_emb_scale": 1,
        "sum": [],
        "prepend": ["bpm"],
        "cross": ["description"],
        "input_interpolate": [],
    },
    "interleave_stereo_codebooks": {"use": False, "per_timestep": False},
    "compression_model_n_q": None,
}
CODEC_CONFIG: dict[str, Any] = {
    "device": "cpu",
    "compression_model": "encodec",
    "encodec": {
        "autoencoder": "seanet",
        "quantizer": "rvq",
        "sample_rate": SAMPLE_RATE,
        "channels": 1,
        "causal": False,
        "renormalize": False,
    },
    "seanet": {
        "dimension": 16,
        "channels": 1,
        "n_filters": 2,
        "n_residual_layers": 1,
        "ratios": [8, 5, 4, 2],
        "norm": "weight_norm",
        "lstm": 1,
        "encoder": {},
        "decoder": {},
    },
    "rvq": {"n_q": CODEBOOKS, "bins": CARDINALITY, "kmeans_init": False},
}


def changed(config: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Returns a copy of `config` with each section updated by (or, if it is no dict, replaced with) the one given."""
    copied = copy.deepcopy(config)
    for name, section in sections.items():
        if isinstance(section, dict) and isinstance(copied.get(name), dict):
            copied[name].update(section)
        else:
            copied[name] = section
    return copied


def save_model(
    folder: Path, lm_config: dict[str, Any] = LM_CONFIG, codec_config: dict[str, Any] = CODEC_CONFIG
) -> Path:
    """Builds both models with weights of seed 0 and writes `state_dict.bin` and `compression_state_dict.bin`."""
    import_audiocraft()
    import torch
    from audiocraft.models.builders import get_compression_model, get_lm_model
    from omegaconf import OmegaConf

    torch.set_num_threads(1)  # more of them only slow down what is this small
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch's about weight_norm
        torch.manual_seed(0)
        models = get_lm_model(OmegaConf.create(lm_config)), get_compression_model(OmegaConf.create(codec_config))
    for name, model, config in zip(FILES, models, (lm_config, codec_config), strict=True):
        yaml = OmegaConf.to_yaml(OmegaConf.create(config))  # as audiocraft's export writes it
        save_held(folder / name, {"best_state": model.state_dict(), "xp.cfg": yaml, "exported": True})
    return folder


def save_held(file: Path, held: object) -> None:
    """Writes what a checkpoint holds."""
    import torch

    torch.save(held, file)


def held_in(file: Path) -> dict[str, Any]:
    """Returns what a checkpoint holds."""
    import torch

    return torch.load(file, weights_only=True)
