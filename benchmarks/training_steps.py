"""Measures the cost of a training step of one shape and method: steps per second and memory.

python -m benchmarks.training_steps musicgen-small lora 2
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from training.beat.memory import estimate_memory
from training.beat.models import load_base
from training.beat.task import BeatTask
from training.beat.token_cache import TokenClip
from training.data.records import read_split
from training.finetune_musicgen import FinetuneOptions, make_trainable
from training.starter.fourth_style import write_phonk


def build_shape(shape: str):
    """Returns a language model (the starter, or random weights), its frame rate, and the seconds of an excerpt.

    A table replaces MusicGen's text encoder T5, which is not trained.
    """
    from audiocraft.models.builders import get_lm_model
    from omegaconf import OmegaConf

    if shape == "starter":
        models, _ = load_base("starter", "cpu")
        return models.lm, float(models.codec.frame_rate), models.max_seconds
    transformer = {"dim": 1024, "num_heads": 16, "num_layers": 24, "hidden_scale": 4, "n_q": 4, "card": 2048}
    transformer |= {"dropout": 0.0, "emb_lr": None, "activation": "gelu", "norm_first": True, "causal": True}
    transformer |= {"bias_ff": False, "bias_attn": False, "bias_proj": False, "memory_efficient": True}
    table = {"model": "lut", "lut": {"n_bins": 128, "dim": 768, "tokenizer": "noop"}}
    fuse = {"sum": [], "prepend": [], "cross": ["description"], "input_interpolate": []}
    config = {
        **{"device": "cpu", "dtype": "float32", "lm_model": "transformer_lm", "transformer_lm": transformer},
        **{"dataset": {"segment_duration": 30.0}, "conditioners": {"description": table}},
        **{"fuser": {"cross_attention_pos_emb": False, "cross_attention_pos_emb_scale": 1, **fuse}},
        **{"codebooks_pattern": {"modeling": "delay", "delay": {"delays": [0, 1, 2, 3]}}},
        **{"attribute_dropout": {}, "classifier_free_guidance": {"training_dropout": 0.0, "inference_coef": 3.0}},
    }
    torch.manual_seed(0)
    return get_lm_model(OmegaConf.create(config)), 50.0, 10.0


def time_steps(shape: str, method: str, steps: int) -> dict[str, float]:
    """Returns optimizer steps per second and the peak memory of the process, for a batch of one excerpt."""
    lm, frame_rate, seconds = build_shape(shape)
    frames = int(seconds * frame_rate)
    with tempfile.TemporaryDirectory() as folder:
        clip = read_split(write_phonk(Path(folder), 0, 1, 1), "train")[0]
    codes = np.random.default_rng(0).integers(0, lm.card, (lm.num_codebooks, frames)).astype(np.int16)
    held = [TokenClip(clip, codes)]
    make_trainable(lm, FinetuneOptions(data=Path(), out=Path(), method=method, steps=1), shape)
    task = BeatTask(lm.train(), held, held, frames, frame_rate, 1, 0.1, 0.01, 0)
    (optimizer,) = task.optimizers(1e-4)
    model_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for step in range(steps + 1):
        if step == 1:  # the first step also creates the state of the optimizer
            begun = time.perf_counter()
        items = task.draw(step)
        (task.measure(lm, items) / task.count(items)).mean().backward()
        torch.nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    spent = time.perf_counter() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    estimate = estimate_memory(lm, frames, 1, averaged=False, half=False).total / 1e6
    return {"steps_per_s": steps / spent, "peak_mb": peak_mb, "model_mb": model_mb, "estimate_mb": estimate}


def main() -> None:
    """Measures and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "shape", nargs="?", default="starter", choices=("starter", "musicgen-small"), help="model to train"
    )
    parser.add_argument("method", nargs="?", default="lora", choices=("lora", "full"), help="what to train")
    parser.add_argument("steps", nargs="?", default=6, type=int, help="number of steps to measure")
    args = parser.parse_args()
    print(json.dumps(time_steps(args.shape, args.method, args.steps)))


if __name__ == "__main__":
    main()
