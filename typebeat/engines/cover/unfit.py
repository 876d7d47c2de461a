"""Refuses adapters that do not fit a base on the Hub by the base's configurations, before its weights are fetched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from typebeat.engines import HubUnreachableError, Weights
from typebeat.engines.cover.adapters import put_adapter, without_weights
from typebeat.engines.cover.files import adapter_file
from typebeat.engines.cover.loading import quietly
from typebeat.engines.cover.naming import check_base
from typebeat.engines.cover.sizes import networks_of
from typebeat.engines.foreign import read_json
from typebeat.engines.inspect import refuse_pictures
from typebeat.engines.locate import PIPELINE_FILE, commit_of, fetch, repository
from typebeat.engines.quiet import quiet_import

CONFIGS = (PIPELINE_FILE, "*/config.json")


def refuse_unfit(adapters: Mapping[str, Path], base: str) -> None:
    """Puts adapters onto a pipeline without weights, unless the base's weights are on this machine or cannot be had.

    Args:
        adapters: Folder of each by its name.
        base: Choice of the base's weights.

    Raises:
        WeightsError: the base cannot be used, or an adapter belongs to another base or does not fit it whole.
    """
    if base == "starter" or Path(base).is_dir():
        return
    repo, revision = repository(base)
    try:
        refuse_pictures(repo, revision)
        folder = fetch(repo, revision, CONFIGS)
    except HubUnreachableError:
        return
    if not (folder / PIPELINE_FILE).is_file() or list(folder.glob("*/*.safetensors")):
        return
    weights = Weights(repo, "hub", commit_of(folder, revision), "", "cpu", "")
    with quietly():
        pipe = _pipeline(folder)
        for name, adapter in adapters.items() if pipe else ():
            file = adapter_file(adapter)
            check_base(adapter, file, pipe, folder, weights)
            put_adapter(pipe, name, file, repo)


def _pipeline(folder: Path) -> Any:
    """Returns a folder's pipeline of networks alone, without weights; None if it cannot be built: loading tells why."""
    with quiet_import():
        from diffusers import AutoPipelineForText2Image
    try:
        with torch.random.fork_rng(devices=[]):
            index = read_json(folder / PIPELINE_FILE)
            parts = dict.fromkeys(name for name, told in index.items() if isinstance(told, list)) | networks_of(folder)
            return without_weights(AutoPipelineForText2Image.from_pretrained(folder, local_files_only=True, **parts))
    except Exception:  # a configuration can be wrong in any way
        return None
