"""Which files draw covers: where they are, whether they can be read safely, and which base an adapter belongs to.

Nothing in a folder is run: weights are safetensors only, and a pipeline may name no class outside diffusers and
transformers. Hub names stand in weights.py; what the files make is loading.py's business.
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
from typebeat.engines.weights import (
    CATALOGUE,
    COVER,
    COVER_SPEED,
    COVER_STYLES,
    STARTER_FOLDER,
    commit_of,
    fetch,
    repository,
)
from typebeat.request.styles import STYLES

STARTER_COVER_FOLDER = STARTER_FOLDER.parent / "cover"
PIPELINE_FILE = "model_index.json"
ADAPTER_FILE = "pytorch_lora_weights.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTERS_FOLDER = "lora"  # lora/<style>/ beside the pipeline's components
SPEED = "speed"  # name of the adapter that makes few steps enough
BASE_KEY, REVISION_KEY = "base_model_name_or_path", "revision"  # as PEFT spells them
LIBRARIES = ("diffusers", "transformers")  # whose classes a pipeline may name
# of a pipeline, all but its weights, and adapters whole
PIPELINE_FILES = ("*.json", "README.md", "*/*.json", "tokenizer*/*", "lora/*")
ADAPTER_FILES = ("*.json", "README.md", ADAPTER_FILE, "lora/*")

_BASE_LINE = re.compile(r"^base_model:[ \t]*['\"]?([^'\"\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class LocatedCover:
    """A folder with a pipeline of pictures in it, and each adapter's folder by style (a speed adapter's by `SPEED`)."""

    folder: Path
    weights: Weights
    adapters: dict[str, Path]


def locate_cover(choice: str, device: str) -> LocatedCover:
    """Finds the weights of covers on this machine or fetches them from the Hub.

    A folder or repository that holds style adapters alone (lora/<style>/) brings the base that they name along.

    Args:
        choice: One of `CHOICES`; empty means "auto".
        device: "cpu" or "cuda", where they will run; decides for "auto".

    Raises:
        WeightsError: there is no such folder, repository or revision. (A Hub that cannot be reached is no error: the
            starter stands in, and `weights.notice` says so.)
    """
    located = _locate(choice, device)
    if (located.folder / PIPELINE_FILE).is_file() or not located.adapters:
        return located
    return _with_base(located, device)


def _locate(choice: str, device: str) -> LocatedCover:
    choice = choice.strip() or "auto"
    if choice == "starter" or (choice == "auto" and device == "cpu"):
        return _starter(device)
    folder = Path(choice).expanduser()
    if choice != "auto" and folder.is_dir():
        weights = Weights(folder.resolve().name, "folder", "", "", device, "")
        return LocatedCover(folder, weights, style_adapters(folder))
    repo, revision = repository(COVER.repo if choice == "auto" else choice)
    try:
        return _from_hub(repo, revision, device)
    except HubUnreachableError as error:
        return _starter(device, f"{error}, so the starter draws the covers")


def _with_base(alone: LocatedCover, device: str) -> LocatedCover:
    """Adapters that lie alone, with the base that they name."""
    name = alone.weights.name
    base = stated_base(next(iter(alone.adapters.values())))
    if not base:
        raise WeightsError(f"{name} holds adapters alone, and they do not name their base")
    located = _locate(base, device)
    if not (located.folder / PIPELINE_FILE).is_file():
        raise WeightsError(f"{name} holds adapters alone, and their base {base} is no pipeline")
    if located.weights.source == "starter" and base != "starter":  # it stands in for the base
        return located
    notice = "; ".join(filter(None, (located.weights.notice, f"with the adapters of {name}")))
    weights = replace(located.weights, notice=notice)
    return LocatedCover(located.folder, weights, {**located.adapters, **alone.adapters})


def _starter(device: str, notice: str = "") -> LocatedCover:
    if not STARTER_COVER_FOLDER.is_dir():
        raise WeightsError(f"the starter's cover weights are missing from {STARTER_COVER_FOLDER}")
    weights = Weights("starter", "starter", "", "", device, "", notice)
    return LocatedCover(STARTER_COVER_FOLDER, weights, style_adapters(STARTER_COVER_FOLDER))


def _from_hub(repo: str, revision: str, device: str) -> LocatedCover:
    folder = fetch(repo, revision, PIPELINE_FILES)
    index = folder / PIPELINE_FILE
    if index.is_file():
        parts = [name for name, value in read_json(index).items() if isinstance(value, list)]
        fetch(repo, revision, [f"{part}/*.fp16.safetensors" for part in parts])  # half as much to fetch
        if not list(folder.glob("unet/*.fp16.safetensors")):
            fetch(repo, revision, [f"{part}/*.safetensors" for part in parts])
    licence = next((entry.licence for entry in CATALOGUE if entry.repo == repo), "")
    weights, adapters = Weights(repo, "hub", commit_of(folder, revision), licence, device, ""), style_adapters(folder)
    if repo == COVER.repo and COVER_STYLES:
        adapters = style_adapters(fetch(COVER_STYLES.repo, COVER_STYLES.revision, ADAPTER_FILES))
    if repo == COVER.repo and device == "cpu":
        adapters[SPEED] = fetch(COVER_SPEED.repo, COVER_SPEED.revision, ADAPTER_FILES)
    return LocatedCover(folder, weights, adapters)


def weight_files(folder: Path) -> list[Path]:
    """Returns the pipeline's weight files, each of which opens as safetensors; nothing is loaded yet."""
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
        told = "only pickles, which are refused" if pickles else "no weights"
        raise WeightsError(f"{folder} holds {told}; wanted are *.safetensors")
    for file in files:
        with opened(file):
            pass
    return files


def style_adapters(folder: Path) -> dict[str, Path]:
    """Returns the folder of each style that has a LoRA under `lora/`."""
    folders = {style: folder / ADAPTERS_FOLDER / style for style in STYLES}
    return {style: path for style, path in folders.items() if path.is_dir()}


def stated_base(folder: Path) -> str:
    """Returns the base that an adapter was trained on, empty where neither its config, file nor card says."""
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
    """Returns the Hub commit, or the hash of its files, of the base that an adapter names; empty where it does not."""
    config = folder / ADAPTER_CONFIG
    return str(read_json(config).get(REVISION_KEY) or "") if config.is_file() else ""


def read_json(file: Path) -> dict[str, Any]:
    """Returns the object in a JSON file; raises WeightsError where it is broken."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"{file} is truncated or no JSON") from error
    if not isinstance(held, dict):
        raise WeightsError(f"{file} holds no JSON object")
    return held


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """Opens a safetensors file, which checks its header against its length; a pickle of that name is refused here."""
    from safetensors import SafetensorError, safe_open

    try:
        tensors = safe_open(file, framework="pt")
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{file} is truncated or no safetensors file") from error
    with tensors:
        yield tensors
