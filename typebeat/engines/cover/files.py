"""Finds the files that draw covers, and checks that they are safe to read.

Nothing in a folder is run: weights are safetensors only, and a pipeline may name no class outside diffusers and
transformers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from typebeat.engines import HubUnreachableError, Weights, WeightsError
from typebeat.engines.cover.families import KLEIN, SDXL, family_named, family_told
from typebeat.engines.cover.formats import LIBRARIES
from typebeat.engines.cover.naming import ADAPTER_CONFIG, ADAPTER_FILE, PEFT_FILE, stated_base
from typebeat.engines.foreign import TensorPlace, quoted, read_header, read_json, read_metadata, weight_map
from typebeat.engines.locate import PIPELINE_FILE, fetch, locate, starter_instead_of
from typebeat.engines.weights import COVER, COVER_SDXL, COVER_SPEED, COVER_STYLES, DRAWN_ON
from typebeat.request.styles import STYLES

ADAPTERS_FOLDER = "lora"  # lora/<style>/ beside the pipeline's components
SPEED = "speed"  # name of an adapter with which few steps are enough
EVERY = "every"  # name of an adapter for the styles that have none of their own
PICKLES = (".bin", ".pt", ".pth", ".ckpt")

_ADAPTER_KEY = re.compile(r"lora|hada_|lokr_|oft_|dora_scale")
_CHECKPOINT_KEY = re.compile(r"^(model\.diffusion_model|cond_stage_model|conditioner|first_stage_model)\.")
_PLAIN_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*(?:@[\w./-]+)?", re.ASCII)
_FAMILY_BASES = {SDXL: COVER_SDXL.repo, KLEIN: COVER.repo}


@dataclass(frozen=True)
class LocatedCover:
    """A pipeline's folder, and the folder of each adapter by its style (of others by `SPEED` and `EVERY`)."""

    folder: Path
    weights: Weights
    adapters: dict[str, Path]


def locate_cover(choice: str, device: str) -> LocatedCover:
    """Finds the weights of covers as `locate` does, and their adapters.

    A folder or repository that holds adapters alone, lora/<style>/ or one file, brings the base that they name along.
    """
    found = _with_adapters(choice, device)
    if (found.folder / PIPELINE_FILE).is_file() or not found.adapters:
        return found
    name, adapter = found.weights.name, next(iter(found.adapters.values()))
    base = _base_for(adapter, name)
    from typebeat.engines.cover.unfit import refuse_unfit

    refuse_unfit(found.adapters, base)
    below = _with_adapters(base, device)
    if not (below.folder / PIPELINE_FILE).is_file():
        raise WeightsError(f"{name} holds adapters alone, and their base {below.weights.name} is no pipeline")
    if below.weights.source == "starter" and below.weights.notice:  # it stands in for the base
        return below
    notice = "; ".join(filter(None, (below.weights.notice, f"with the adapters of {name}")))
    return LocatedCover(below.folder, replace(below.weights, notice=notice), {**below.adapters, **found.adapters})


def _base_for(adapter: Path, name: str) -> str:
    """Returns the choice of weights that an adapter belongs on.

    Raises:
        WeightsError: it names none that can be looked for, nor a family whose usual base is known.
    """
    stated = stated_base(adapter)
    beside = adapter.resolve().parent / stated
    for _ in range(3):  # of lora/<style>/, the folder beside the one that holds them all
        if stated and _PLAIN_NAME.fullmatch(stated) and (beside / PIPELINE_FILE).is_file():
            return str(beside)
        beside = beside.parent.parent / stated
    if stated == "starter" or _HUB_NAME.fullmatch(stated):
        return DRAWN_ON.get(stated, stated)
    family, _ = family_told(read_metadata(adapter_file(adapter)))
    if base := _FAMILY_BASES.get(family or family_named(stated)):
        return base
    told = f"they name {quoted(stated)}, which is no repository" if stated else "they do not name their base"
    raise WeightsError(f"{name} holds adapters alone, and {told}")


def _with_adapters(choice: str, device: str) -> LocatedCover:
    """Finds weights with the adapters beside them and, for bases that have some on the Hub, those."""
    located = locate(choice, device, "cover")
    adapters = adapters_of(located.folder)
    if located.weights.name in (COVER.repo, COVER_SDXL.repo) and located.weights.source == "hub":
        try:
            if COVER_STYLES and located.weights.name == COVER.repo:
                adapters = adapters_of(fetch(COVER_STYLES.repo, COVER_STYLES.revision, ("lora/*", "README.md")))
            if device == "cpu" and located.weights.name == COVER_SDXL.repo:
                adapters[SPEED] = fetch(COVER_SPEED.repo, COVER_SPEED.revision, (ADAPTER_FILE, "*.json", "README.md"))
        except HubUnreachableError as error:
            located = starter_instead_of("cover", located.weights.name, located.weights.revision, device, error)
            adapters = adapters_of(located.folder)
    return LocatedCover(located.folder, located.weights, adapters)


def adapters_of(folder: Path) -> dict[str, Path]:
    """Returns the folder of each style that has one under `lora/`; of a folder that is one adapter, that as `EVERY`."""
    folders = {style: folder / ADAPTERS_FOLDER / style for style in STYLES}
    found = {style: path for style, path in folders.items() if path.is_dir()}
    if not found and not (folder / PIPELINE_FILE).is_file() and _is_adapter(folder):
        return {EVERY: folder}
    return found


def adapter_file(folder: Path) -> Path:
    """Returns the one file of an adapter, whatever its name is.

    Raises:
        WeightsError: there is none, or several.
    """
    for name in (ADAPTER_FILE, PEFT_FILE):
        if (folder / name).is_file():
            return folder / name
    files = sorted(folder.glob("*.safetensors"))
    if len(files) > 1:
        names = ", ".join(quoted(file.name)[1:-1] for file in files[:4])
        raise WeightsError(f"{folder} holds {len(files)} files, {names}; keep the one that is to be used")
    if files:
        return files[0]
    others = sorted(path.name for path in folder.glob("*") if path.suffix in PICKLES)
    refused = f"; {quoted(others[0])[1:-1]} is a pickle, which is refused" if others else ""
    raise WeightsError(f"{folder / ADAPTER_FILE} is missing{refused}")


def weight_files(folder: Path) -> list[Path]:
    """Returns a pipeline's weight files after checking that each opens as safetensors; nothing is loaded yet."""
    index = folder / PIPELINE_FILE
    if not index.is_file():
        raise WeightsError(f"{folder} is no diffusers folder: it has no {PIPELINE_FILE}")
    components = {name: value for name, value in read_json(index).items() if isinstance(value, list)}
    for name, value in components.items():
        if not _PLAIN_NAME.fullmatch(name) or value[:1] not in ([None], *([library] for library in LIBRARIES)):
            told = f"{quoted(name)[1:-1]}: {quoted(str(value[:2]))[1:-1]}"
            raise WeightsError(f"refused: {index} names code outside {' and '.join(LIBRARIES)} ({told})")
    files = {file for name in components for file in (folder / name).glob("*.safetensors")}
    for shards in (path for name in components for path in (folder / name).glob("*.safetensors.index*.json")):
        files |= set(weight_map(shards.parent, shards))
    if not files:
        pickles = [file.name for name in components for file in (folder / name).glob("*.bin")]
        weights = "only pickles, which are refused" if pickles else "no weights"
        raise WeightsError(f"{folder} holds {weights}; wanted are *.safetensors")
    for file in files:
        if not file.is_file():
            raise WeightsError(f"{file} is missing")
        read_header(file)
    return sorted(files)


def checkpoint_of(folder: Path) -> Path | None:
    """Returns the single file that holds a whole Stable Diffusion in its makers' format, if a folder is that."""
    files = sorted(folder.glob("*.safetensors"))
    if len(files) == 1 and any(_CHECKPOINT_KEY.match(name) for name in read_header(files[0])):
        return files[0]
    return None


def is_adapter_header(header: Mapping[str, TensorPlace]) -> bool:
    """Whether a file's names are those of an adapter."""
    return bool(header) and any(_ADAPTER_KEY.search(name) for name in header)


def _is_adapter(folder: Path) -> bool:
    if (folder / ADAPTER_CONFIG).is_file() or (folder / ADAPTER_FILE).is_file():
        return True
    files = list(folder.glob("*.safetensors"))
    return bool(files) and all(is_adapter_header(read_header(file)) for file in files)
