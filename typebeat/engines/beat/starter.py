"""The starter: audiocraft's `LMModel` on the starter's codec, with conditioners that need no downloaded text model.

`description` is read as concepts of `typebeat.request.words` and attended to; `key` is added to every step; `grid`
adds, step by step, where in the beat, bar and four bars a frame lies (frame-level rhythm conditions as in MusiConGen,
Lan et al. 2024), so that the tempo asked for is the tempo played. A missing condition counts as zero, as in MusicGen.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from audiocraft.models.builders import get_lm_model
from audiocraft.models.lm import LMModel
from audiocraft.modules.conditioners import ConditionFuser, ConditioningProvider, ConditionType, TextConditioner
from huggingface_hub import save_torch_state_dict
from omegaconf import OmegaConf
from safetensors.torch import load_file
from torch import Tensor, nn

from typebeat.engines.beat.codec import FRAME_RATE, CodecConfig, StarterCodec
from typebeat.request.words import KEYS, concepts

FORMAT = "typebeat-starter-1"
MAX_SHARD_SIZE = "9MB"  # the Hub refuses a plain file over 10 MB
# cycles a beat at which the position in the song is told: from four bars down to thirty-seconds and triplets
_CYCLES_PER_BEAT = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 3, 6)
_MIDDLE_BPM, _BPM_SPREAD = 115.0, 30.0


def grid_text(bpm: float, start_seconds: float) -> str:
    """Returns the value of the `grid` attribute: the tempo, and the song position of the window's first frame."""
    return f"{bpm:g} bpm from {start_seconds:.6f} s"


class ConceptConditioner(TextConditioner):
    """A caption to one vector for each concept it names, (B, L, output_dim), and the mask of those that are there."""

    def __init__(self, vocabulary: list[str], dim: int, output_dim: int):
        super().__init__(dim, output_dim)
        self.vocabulary = list(vocabulary)
        self._ids = {concept: i + 1 for i, concept in enumerate(vocabulary)}
        self.embed = nn.Embedding(len(vocabulary) + 1, dim)

    def tokenize(self, texts: list[str | None]) -> dict[str, Tensor]:
        """Returns ids (B, L), 0 where there is none; L is at least 1."""
        rows = [[self._ids[c] for c in concepts(text or "") if c in self._ids] for text in texts]
        ids = torch.zeros(len(rows), max(1, *map(len, rows)), dtype=torch.long)
        for row, found in zip(ids, rows, strict=True):
            row[: len(found)] = torch.tensor(found, dtype=torch.long)
        return {"ids": ids.to(self.embed.weight.device)}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        mask = (inputs["ids"] > 0).long()
        return self.output_proj(self.embed(inputs["ids"])) * mask[..., None], mask


class KeyConditioner(TextConditioner):
    """A key of `KEYS` to one vector that is added to each step, (B, 1, output_dim)."""

    def __init__(self, dim: int, output_dim: int):
        super().__init__(dim, output_dim)
        self.embed = nn.Embedding(len(KEYS) + 1, dim)

    def tokenize(self, keys: list[str | None]) -> dict[str, Tensor]:
        """Returns ids (B, 1), 0 for none. Raises ValueError for a key outside `KEYS`."""
        ids = [[0 if key is None else KEYS.index(key) + 1] for key in keys]
        return {"ids": torch.tensor(ids, device=self.embed.weight.device)}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        mask = (inputs["ids"] > 0).long()
        return self.output_proj(self.embed(inputs["ids"])) * mask[..., None], mask


class GridConditioner(TextConditioner):
    """`grid_text` to what each step is told of the beat grid, (B, steps, output_dim).

    With the delay pattern a step predicts codebook k of the frame that lies k steps back, so it is told the position of
    all those frames and of the next.
    """

    def __init__(self, n_q: int, steps: int, frame_rate: float, output_dim: int):
        frames = n_q + 1
        super().__init__(frames * 2 * len(_CYCLES_PER_BEAT) + 1, output_dim)
        self._frame_rate, self._steps = frame_rate, steps
        self._back = torch.arange(frames) - 1  # frames back from a step's newest one; -1 is its successor

    def tokenize(self, texts: list[str | None]) -> dict[str, Tensor]:
        """Returns (B, 3): tempo in BPM, start in seconds, and whether they are known."""
        rows = [[0.0, 0.0, 0.0] if text is None else [*_read_grid(text), 1.0] for text in texts]
        return {"grid": torch.tensor(rows, dtype=torch.float64).to(self.output_proj.weight.device)}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        bpm, start, known = (x[:, None, None] for x in inputs["grid"].unbind(dim=1))
        frame = torch.arange(self._steps, device=bpm.device)[None, :, None] - self._back.to(
            bpm.device
        )  # (1, steps, frames)
        beat = (frame / self._frame_rate + start) * bpm / 60
        cycles = torch.tensor(_CYCLES_PER_BEAT, dtype=torch.float64, device=bpm.device)
        angle = (2 * math.pi * ((beat[..., None] * cycles) % 1.0)).flatten(2)  # (B, steps, frames x cycles)
        tempo = ((bpm - _MIDDLE_BPM) / _BPM_SPREAD).expand(-1, self._steps, -1)
        told = torch.cat([torch.cos(angle), torch.sin(angle), tempo], dim=2).to(self.output_proj.weight)
        mask = known[:, :, 0].expand(-1, self._steps).long()
        return self.output_proj(told) * mask[..., None], mask


def _read_grid(text: str) -> tuple[float, float]:
    bpm, start = text.removesuffix(" s").split(" bpm from ")
    return float(bpm), float(start)


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
        sizes: `dim`, `num_layers`, `num_heads` and `dropout` of the transformer.
        codec: Tells the number and size of the codebooks.
        vocabulary: Concepts of the text conditioner.
        max_seconds: Longest window in seconds.
        device: Where its weights live.
    """
    dim, n_q = sizes["dim"], codec.num_codebooks
    fuse = {"sum": ["key", "grid"], "cross": ["description"], "prepend": [], "input_interpolate": []}
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
    steps = math.ceil(max_seconds * FRAME_RATE) + n_q + 1
    conditioners = {
        "description": ConceptConditioner(vocabulary, dim // 2, dim),
        "key": KeyConditioner(dim // 2, dim),
        "grid": GridConditioner(n_q, steps, FRAME_RATE, dim),
    }
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
    return _load(StarterCodec(CodecConfig(**config["codec"])), folder, "codec", device)


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
