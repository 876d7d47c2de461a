"""The starter: audiocraft's `LMModel` on the starter's codec, with conditioners that need no downloaded text model.

`description` is read as concepts of `typebeat.request.words`; `key` is added to every step; `grid` adds, step by step,
where in the beat, bar and four bars a frame lies (frame-level rhythm conditions as in MusiConGen, Lan et al. 2024), so
that the tempo asked for is the tempo played; `form` adds the section of the song, `notes` the notes that are given. A
missing condition counts as zero, as in MusicGen.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from audiocraft.models.builders import get_lm_model
from audiocraft.models.lm import LMModel
from audiocraft.modules.conditioners import ConditionFuser, ConditioningProvider, ConditionType
from huggingface_hub import save_torch_state_dict
from omegaconf import OmegaConf
from safetensors.torch import load_file
from torch import Tensor, nn

from typebeat.engines.beat.codec import FRAME_RATE, CodecConfig, StarterCodec
from typebeat.engines.beat.starter_conditions import (
    ConceptConditioner,
    FormConditioner,
    GridConditioner,
    KeyConditioner,
    NotesConditioner,
    SummedConceptConditioner,
)

FORMAT = "typebeat-starter-1"
MAX_SHARD_SIZE = "9MB"  # the Hub refuses a plain file over 10 MB


class GridFuser(ConditionFuser):
    """audiocraft's fuser, which also adds conditions that differ from step to step, in streaming too."""

    def forward(self, input: Tensor, conditions: dict[str, ConditionType]) -> tuple[Tensor, Tensor | None]:
        start = int(self._streaming_state["offsets"][0]) if "offsets" in self._streaming_state else 0
        steps = slice(start, start + input.shape[1])
        at_steps = {
            name: (value[:, steps] if self.cond2fuse[name] == "sum" and value.shape[1] > 1 else value, mask)
            for name, (value, mask) in conditions.items()
        }
        return super().forward(input, at_steps)


def build_lm(
    sizes: dict, codec: StarterCodec, vocabulary: list[str], max_seconds: float, device: str = "cpu"
) -> LMModel:
    """Builds the language model by audiocraft's builder, then gives it the starter's conditioners.

    Args:
        sizes: `dim`, `num_layers`, `num_heads` and `dropout` of the transformer; `delays`, steps by which each codebook
            comes later. Without them it is a model of the first versions: each codebook a step after the one before,
            words attended to, no song form and no given notes.
        codec: Tells the number and size of the codebooks.
        vocabulary: Concepts of the text conditioner.
        max_seconds: Longest window in seconds.
        device: Where its weights live.
    """
    sizes, n_q = dict(sizes), codec.num_codebooks
    dim, delays = sizes["dim"], sizes.pop("delays", None)
    is_first = delays is None
    summed = ["key", "grid"] if is_first else ["description", "key", "grid", "form", "notes"]
    attended = ["description"] if is_first else []
    fuse = {"sum": summed, "cross": attended, "prepend": [], "input_interpolate": []}
    config = OmegaConf.create(
        {
            "device": device,
            "dtype": "float32",
            "lm_model": "transformer_lm",
            "transformer_lm": {
                **{"n_q": n_q, "card": codec.cardinality, "hidden_scale": 4, "causal": True, "custom": False},
                **{"memory_efficient": True, "norm": "layer_norm", "norm_first": True, "activation": "gelu"},
                **{"bias_proj": False, "bias_attn": False, "bias_ff": False, "attention_as_float32": False},
                **{"weight_init": "gaussian", "depthwise_init": "current", "zero_bias_init": True},
                **sizes,
            },
            "codebooks_pattern": {"modeling": "delay", "delay": {"delays": list(range(n_q))}},
            "classifier_free_guidance": {"training_dropout": 0.1, "inference_coef": 2.0},
            "attribute_dropout": {"args": {"active_on_eval": False}, "text": {"description": 0.1, "key": 0.1}},
            "fuser": {**fuse, "cross_attention_pos_emb": False},
            "conditioners": {},
            "dataset": {"segment_duration": max_seconds},
        }
    )
    lm = get_lm_model(config)
    lm.pattern_provider.delays = delays = list(range(n_q)) if is_first else list(delays)  # need not be in order
    steps = math.ceil(max_seconds * FRAME_RATE) + max(delays) + 2
    grid = GridConditioner(max(delays), steps, FRAME_RATE, dim)
    conditioners = {"key": KeyConditioner(dim // 2, dim), "grid": grid}
    if is_first:
        conditioners = {"description": ConceptConditioner(vocabulary, dim // 2, dim), **conditioners}
    else:
        conditioners["description"] = SummedConceptConditioner(vocabulary, dim // 2, dim)
        conditioners["form"] = FormConditioner(steps, FRAME_RATE, dim)
        conditioners["notes"] = NotesConditioner(max(delays), steps, FRAME_RATE, dim)
    lm.condition_provider = ConditioningProvider(conditioners, device=device).to(device)
    lm.fuser = GridFuser(fuse)
    return lm


def save_codec(folder: Path, codec: StarterCodec) -> None:
    """Writes the codec alone into a starter's folder; `save_starter` puts the language model beside it."""
    _save(folder, {"codec": codec}, {"format": FORMAT, "codec": codec.config_dict()})


def save_starter(folder: Path, codec: StarterCodec, lm: LMModel, sizes: dict, max_seconds: float) -> None:
    """Writes config.json and fp16 safetensors, in files that the Hub takes without LFS."""
    vocabulary = lm.condition_provider.conditioners["description"].vocabulary
    config = {
        "format": FORMAT,
        "max_seconds": max_seconds,
        "codec": codec.config_dict(),
        "lm": sizes,
        "concepts": vocabulary,
    }
    _save(folder, {"codec": codec, "lm": lm}, config)


def _save(folder: Path, models: dict[str, nn.Module], config: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.safetensors*"):
        old.unlink()
    for name, model in models.items():
        halves = {
            key: value.half() if value.is_floating_point() else value for key, value in model.state_dict().items()
        }
        pattern = name + "{suffix}.safetensors"
        save_torch_state_dict(halves, folder, filename_pattern=pattern, max_shard_size=MAX_SHARD_SIZE)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def load_codec(folder: Path, device: str = "cpu") -> StarterCodec:
    """Loads a starter's codec for inference, in fp32; raises as `load_starter` does."""
    config = json.loads((folder / "config.json").read_text())
    return _load(StarterCodec(CodecConfig.read(config["codec"])), folder, "codec", device)


def load_starter(folder: Path, device: str = "cpu") -> tuple[StarterCodec, LMModel, float]:
    """Loads a starter's folder for inference.

    Returns:
        The codec, the language model, both in fp32 on `device`, and the longest window in seconds.

    Raises:
        Whatever json, safetensors or torch raise for a broken folder; the caller puts it into one line.
    """
    config = json.loads((folder / "config.json").read_text())
    codec = load_codec(folder, device)
    lm = build_lm({**config["lm"], "dropout": 0.0}, codec, config["concepts"], config["max_seconds"], device)
    return codec, _load(lm, folder, "lm", device), config["max_seconds"]


def _load(model: nn.Module, folder: Path, name: str, device: str) -> nn.Module:
    files = sorted(folder.glob(f"{name}*.safetensors"))
    model.load_state_dict({key: value.float() for file in files for key, value in load_file(file).items()})
    return model.to(device).eval()
