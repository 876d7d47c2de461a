"""Loads a Stable Diffusion that is one file in its makers' format; what it lacks comes from its family's base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from typebeat.engines import WeightsError
from typebeat.engines.foreign import one_line, read_header
from typebeat.engines.locate import PIPELINE_FILES, fetch
from typebeat.engines.weights import COVER_SD15, COVER_SDXL, HubEntry

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

_SECOND_TEXT, _FIRST_TEXT = "conditioner.embedders.1.model.", "cond_stage_model.transformer."


def load_single_file(file: Path, dtype: torch.dtype) -> DiffusionPipeline:
    """Returns the pipeline that a checkpoint of SDXL or SD 1.5 holds, on the CPU.

    Raises:
        WeightsError: it is truncated, of another family, or does not fit its family.
        HubUnreachableError: the small files of its base are not on this machine, and the Hub does not answer.
    """
    names = read_header(file)
    is_xl = any(name.startswith(_SECOND_TEXT) for name in names)
    if not is_xl and not any(name.startswith(_FIRST_TEXT) for name in names):
        raise WeightsError(f"{file} is one file of another model than SDXL or SD 1.5, or lacks its text encoder")
    base: HubEntry = COVER_SDXL if is_xl else COVER_SD15
    shapes = fetch(base.repo, base.revision, PIPELINE_FILES)
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    kind = StableDiffusionXLPipeline if is_xl else StableDiffusionPipeline
    without = {} if is_xl else {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    try:
        return kind.from_single_file(str(file), config=str(shapes), local_files_only=True, torch_dtype=dtype, **without)
    except Exception as error:  # a file can be wrong in any way
        raise WeightsError(f"{file} is no {base.repo.rpartition('/')[2]} that loads ({one_line(error)})") from error
