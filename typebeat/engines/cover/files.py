"""Finds the files that draw covers, checks that they are safe to read, and tells which base an adapter belongs to.

Nothing in a folder is run: weights are safetensors only, and a pipeline may name no class outside diffusers and
transformers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from typebeat.engines import HubUnreachableError, Weights, WeightsError
from typebeat.engines.foreign import read_json
from typebeat.engines.locate import PIPELINE_FILE, fetch, locate, starter_instead_of
from typebeat.engines.weights import COVER, COVER_SPEED, COVER_STYLES
from typebeat.request.styles import STYLES

ADAPTER_FILE = "pytorch_lora_weights.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTERS_FOLDER = "lora"  # lora/<style>/ beside the pipeline's components
SPEED = "speed"  # name of an adapter with which few steps are enough
BASE_KEY, REVISION_KEY = "base_model_name_or_path", "revision"  # as PEFT spells them
LIBRARIES = ("diffusers", "transformers")  # a pipeline may name their classes and no others
ADAPTER_FILES = ("*.json", "README.md", ADAPTER_FILE, "lora/*")

_BASE_LINE = re.compile(r"^base_model:[ \t]*['\"]?([^'\"\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class LocatedCover:
    """A pipeline's folder, and the folder of each adapter by its style (of a speed adapter by `SPEED`)."""

    folder: Path
    weights: Weights
    adapters: dict[str, Path]


def locate_cover(choice: str, device: str) -> LocatedCover:
    """Finds the weights of covers as `locate` does, and their adapters.

    A folder or repository that holds style adapters alone (lora/<style>/) brings the base that they name along.
    """
    found = _with_adapters(choice, device)
    if (found.folder / PIPELINE_FILE).is_file() or not found.adapters:
        return found
    name, base = found.weights.name, stated_base(next(iter(found.adapters.values())))
    if not base:
        raise WeightsError(f"{name} holds adapters alone, and they do not name their base")
    below = _with_adapters(base, device)
    if not (below.folder / PIPELINE_FILE).is_file():
        raise WeightsError(f"{name} holds adapters alone, and their base {base} is no pipeline")
    if below.weights.source == "starter" and base != "starter":  # it stands in for the base
        return below
    notice = "; ".join(filter(None, (below.weights.notice, f"with the adapters of {name}")))
    return LocatedCover(below.folder, replace(below.weights, notice=notice), {**below.adapters, **found.adapters})


def _with_adapters(choice: str, device: str) -> LocatedCover:
    """Finds weights with the adapters beside them and, for the base that "auto" names, those that the Hub has."""
    located = locate(choice, device, "cover")
    adapters = style_adapters(located.folder)
    if located.weights.name == COVER.repo:
        try:
            if COVER_STYLES:
                adapters = style_adapters(fetch(COVER_STYLES.repo, COVER_STYLES.revision, ADAPTER_FILES))
            if device == "cpu":
                adapters[SPEED] = fetch(COVER_SPEED.repo, COVER_SPEED.revision, ADAPTER_FILES)
        except HubUnreachableError:
            located = starter_instead_of("cover", COVER.repo, COVER.revision, device)
            adapters = style_adapters(located.folder)
    return LocatedCover(located.folder, located.weights, adapters)


def weight_files(folder: Path) -> list[Path]:
    """Returns a pipeline's weight files after checking that each opens as safetensors; nothing is loaded yet."""
    index = folder / PIPELINE_FILE
    if not index.is_file():
        raise WeightsError(f"{folder} is no diffusers folder: it has no {PIPELINE_FILE}")
    components = {name: value for name, value in read_json(index).items() if isinstance(value, list)}
    for name, value in components.items():
        if value[:1] not in ([None], *([library] for library in LIBRARIES)):
            raise WeightsError(f"refused: {index} names code outside {' and '.join(LIBRARIES)} ({name}: {value})")
    files = sorted(file for name in components for file in (folder / name).glob("*.safetensors"))
    if not files:
        pickles = [file.name for name in components for file in (folder / name).glob("*.bin")]
        weights = "only pickles, which are refused" if pickles else "no weights"
        raise WeightsError(f"{folder} holds {weights}; wanted are *.safetensors")
    for file in files:
        with opened(file):
            pass
    return files


def style_adapters(folder: Path) -> dict[str, Path]:
    """Returns the folder of each style that has a LoRA under `lora/`."""
    folders = {style: folder / ADAPTERS_FOLDER / style for style in STYLES}
    return {style: path for style, path in folders.items() if path.is_dir()}


def stated_base(folder: Path) -> str:
    """Returns the base that an adapter was trained on; empty if neither its config nor its file nor its card says."""
    config = folder / ADAPTER_CONFIG
    if config.is_file() and (base := read_json(config).get(BASE_KEY)):
        return str(base)
    with opened(folder / ADAPTER_FILE) as tensors:
        held = (tensors.metadata() or {}).get("lora_adapter_metadata", "{}")
    try:
        named = [value for key, value in json.loads(held).items() if key.endswith(BASE_KEY) and value]
    except (ValueError, AttributeError) as error:
        raise WeightsError(f"{folder / ADAPTER_FILE} has metadata that cannot be read") from error
    card = folder / "README.md"
    front_matter = card.read_text(encoding="utf-8", errors="replace").partition("\n---")[0] if card.is_file() else ""
    carded = _BASE_LINE.search(front_matter)
    return str(named[0]) if named else carded[1] if carded else ""


def stated_revision(folder: Path) -> str:
    """Returns the version of that base, a Hub commit or the hash of its files; empty if the adapter does not say."""
    config = folder / ADAPTER_CONFIG
    return str(read_json(config).get(REVISION_KEY) or "") if config.is_file() else ""


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """Opens a safetensors file, which checks its header against its length; a pickle of that name is refused."""
    from safetensors import SafetensorError, safe_open

    try:
        tensors = safe_open(file, framework="pt")
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{file} is truncated or no safetensors file") from error
    with tensors:
        yield tensors
