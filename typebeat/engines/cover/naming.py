"""What an adapter of pictures says of itself: its base, that base's version, and whether that can be the loaded one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typebeat.engines import Weights, WeightsError
from typebeat.engines.checkpoints import HASH_DIGITS
from typebeat.engines.cover.families import family_named, family_of, family_told
from typebeat.engines.foreign import quoted, read_json, read_metadata
from typebeat.engines.locate import PIPELINE_FILE

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

ADAPTER_FILE, PEFT_FILE = "pytorch_lora_weights.safetensors", "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
BASE_KEY, REVISION_KEY = "base_model_name_or_path", "revision"  # as PEFT spells them
CONFIG_KEY = "lora_adapter_metadata"  # in a file that diffusers wrote, PEFT's configuration as JSON
CARD_BYTES = 100_000

_BASE_LINE = re.compile(r"^base_model:[ \t]*(?:\n[ \t]*-[ \t]*)?['\"]?([^'\"\s]+)", re.MULTILINE)


def stated_base(folder: Path) -> str:
    """Returns the base that an adapter was trained on; empty if neither its config nor its file nor its card says.

    Raises:
        WeightsError: what it says of itself is broken.
    """
    config = folder / ADAPTER_CONFIG
    if config.is_file() and (base := read_json(config).get(BASE_KEY)):
        return str(base)
    for file in sorted(folder.glob("*.safetensors")):
        told = told_config(read_metadata(file), file)
        if named := [value for key, value in told.items() if key.endswith(BASE_KEY) and isinstance(value, str)]:
            return named[0]
    card = folder / "README.md"
    if not card.is_file():
        return ""
    with card.open("rb") as opened:
        front_matter = opened.read(CARD_BYTES).decode(errors="replace").partition("\n---")[0]
    carded = _BASE_LINE.search(front_matter)
    return carded[1] if carded else ""


def told_config(metadata: Mapping[str, str], file: Path) -> dict[str, Any]:
    """Returns the configuration inside a file that diffusers wrote; empty for other files."""
    try:
        held = json.loads(metadata.get(CONFIG_KEY, "{}"))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{file} has metadata that cannot be read") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{file} has metadata that cannot be read")
    return held


def check_base(folder: Path, file: Path, pipe: DiffusionPipeline, base: Path, weights: Weights) -> str:
    """Returns a notice where an adapter names another base of the same family, else nothing.

    Args:
        folder: The adapter's.
        file: Its weights.
        pipe: The pipeline that it is to be put onto.
        base: That pipeline's folder.
        weights: What that pipeline is.

    Raises:
        WeightsError: it names a base of another family, or another version of the same base.
    """
    stated, actual = stated_base(folder), family_of(pipe)
    shown = quoted(stated)[1:-1]
    family, word = family_told(read_metadata(file))
    named = family_named(stated)
    if (named and named != actual) or (family and family != actual):
        of = shown if named and named != actual else f"{family} ({quoted(word)[1:-1]})"
        raise WeightsError(f"refused: {file} is an adapter for {of}, the model that is loaded is {weights.name}")
    if stated and not _is_base(stated, base, weights):
        return f"{quoted(folder.name)[1:-1]} is an adapter for {shown}, which is drawn with {weights.name}"
    revision = _stated_revision(folder)
    if stated and revision and _is_hash(revision) and _is_hash(weights.revision) and revision != weights.revision:
        loaded = f"the one that is loaded is {weights.revision}"
        told = f"is an adapter for the version {quoted(revision)[1:-1]} of {weights.name}"
        raise WeightsError(f"refused: {file} {told}, {loaded}")
    return ""


def _stated_revision(folder: Path) -> str:
    """Returns the version of that base, a Hub commit or the hash of its files; empty if the adapter does not say."""
    config = folder / ADAPTER_CONFIG
    return str(read_json(config).get(REVISION_KEY) or "") if config.is_file() else ""


def _is_base(stated: str, folder: Path, weights: Weights) -> bool:
    """Whether a base is the loaded one, by its repository, its folder's name, or the name it was saved under."""
    index = folder / PIPELINE_FILE
    saved = str(read_json(index).get("_name_or_path", "")) if index.is_file() else ""
    names = {weights.name, folder.resolve().name, saved}
    return stated.lower() in {name.lower() for name in names} or Path(stated).name == folder.resolve().name


def _is_hash(revision: str) -> bool:
    """Whether a revision is the hash of files. Commits are not compared: one may change nothing but a card."""
    return len(revision) == HASH_DIGITS
