"""Repositories for the Hub on the loopback device, in few bytes, and what is told of them."""

from __future__ import annotations

import json
import struct
from typing import Any

from hub_store import Repo

from typebeat.engines.inspect import inspect_weights

LARGE = b"\0" * 2_000_000
HEADER = json.dumps({"a": {"dtype": "F32", "shape": [500_000], "data_offsets": [0, len(LARGE)]}}).encode()
WHOLE = struct.pack("<Q", len(HEADER)) + HEADER + LARGE  # a safetensors file of one tensor
MUSICGEN = {
    "model_type": "musicgen",
    "text_encoder": {"model_type": "t5"},
    "audio_encoder": {"model_type": "encodec"},
    "decoder": {"audio_channels": 2},
}
LORA = {"peft_type": "LORA", "base_model_name_or_path": "you/base", "r": 4}
CARD = b"---\nlicense: mit\n---\n"


TOKENIZER = {"tokenizer__json": {}}
STEM_CODECS = {f"compression_state_dict_{stem}__bin": LARGE for stem in ("bass", "drums", "other")}
SHARDS = {"model-00001-of-00002__safetensors": WHOLE, "model-00002-of-00002__safetensors": WHOLE}


def put(hub: Any, name: str, kind: str = "model", private: bool = False, **files: Any) -> Repo:
    repo = hub.repos[kind, name] = Repo(kind, private)
    held = {file.replace("__", "."): value for file, value in files.items()}
    content = {file: json.dumps(value).encode() if isinstance(value, dict) else value for file, value in held.items()}
    repo.commit("first", {file: (hub.keep(value), len(value) > 10**6) for file, value in content.items()})
    return repo


def fetched(hub: Any) -> int:
    """Returns how many whole megabytes were sent."""
    return hub.sent // 1_000_000


def told_of(name: str) -> str:
    return "\n".join(inspect_weights(name).lines())


SDXL = {"_class_name": "StableDiffusionXLPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}


def put_pictures(hub: Any, name: str, index: dict[str, Any], *files: str) -> Repo:
    repo = put(hub, name, model_index__json=index, README__md=CARD)
    repo.commit("more", {**repo.commits[-1][2], **{file: (hub.keep(LARGE), True) for file in files}})
    return repo
