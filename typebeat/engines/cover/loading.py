"""Loads a cover engine from a folder in diffusers' layout or from one file, with the adapters of its styles."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from logging import CRITICAL
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from typebeat.engines import Weights, WeightsError
from typebeat.engines.checkpoints import fingerprint
from typebeat.engines.cover.adapters import put_adapter
from typebeat.engines.cover.drawing import DiffusionCover, is_out_of_memory
from typebeat.engines.cover.files import EVERY, SPEED, adapter_file, checkpoint_of, weight_files
from typebeat.engines.cover.naming import check_base
from typebeat.engines.cover.plans import UNETS, plan_of
from typebeat.engines.cover.single_file import load_single_file
from typebeat.engines.cover.sizes import bound_texts, check_sizes
from typebeat.engines.foreign import one_line, read_json, read_licence
from typebeat.engines.locate import PIPELINE_FILE
from typebeat.engines.quiet import quiet_import
from typebeat.request.styles import STYLES

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

_PRECISIONS = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}
SLICES_BELOW_BYTES = 12e9  # with less free memory on a GPU pictures are drawn in slices from the start


def load_cover(folder: Path, weights: Weights, adapters: Mapping[str, Path]) -> DiffusionCover:
    """Loads a pipeline with its adapters.

    An empty revision becomes the hash of the files, an empty licence the one that the folder's README.md names.

    Raises:
        WeightsError: files are missing, truncated or pickles, the pipeline names foreign code, an adapter belongs to
            another base or does not fit it whole, or memory does not suffice.
    """
    on_gpu = weights.device == "cuda"
    dtype = _half_of(folder) if on_gpu else torch.float32
    pipe, files = load_pipeline(folder, dtype)
    base = weights if weights.revision else replace(weights, revision=fingerprint(files))
    notices = [weights.notice]
    with quietly():
        for name, adapter in adapters.items():
            file = adapter_file(adapter)
            notices.append(check_base(adapter, file, pipe, folder, base))
            put_adapter(pipe, name, file, weights.name)
            files.append(file)
    weights = replace(
        weights,
        revision=weights.revision or fingerprint(files),
        licence=weights.licence or read_licence(folder),
        precision=_PRECISIONS[dtype],
        notice="; ".join(filter(None, (*notices, _which_styles_lack(adapters)))),
    )
    plan = plan_of(pipe, weights.name, with_speed=SPEED in adapters)
    try:
        pipe.to(weights.device)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise WeightsError(f"the memory of this {weights.device} does not suffice for {weights.name}") from error
    engine = DiffusionCover(pipe, weights, plan, adapters)
    if on_gpu:
        if type(pipe).__name__ in UNETS:
            pipe.unet.to(memory_format=torch.channels_last)
            pipe.vae.to(memory_format=torch.channels_last)
        if torch.cuda.mem_get_info()[0] < SLICES_BELOW_BYTES:
            engine.draw_in_slices()
    return engine


def load_pipeline(folder: Path, dtype: torch.dtype) -> tuple[DiffusionPipeline, list[Path]]:
    """Loads a pipeline onto the CPU; returns it with the files of its weights."""
    checkpoint = None if (folder / PIPELINE_FILE).is_file() else checkpoint_of(folder)
    files = [checkpoint] if checkpoint else weight_files(folder)
    with quiet_import():
        from diffusers import AutoPipelineForText2Image
    with quietly():
        if checkpoint:
            pipe = load_single_file(checkpoint, dtype)
        else:
            check_sizes(folder)
            try:
                pipe = AutoPipelineForText2Image.from_pretrained(
                    folder,
                    torch_dtype=dtype,
                    variant="fp16" if any(".fp16." in file.name for file in files) else None,
                    use_safetensors=True,
                    local_files_only=True,
                )
            except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError) as error:
                raise WeightsError(f"{folder} is no text-to-image pipeline that loads ({one_line(error)})") from error
    bound_texts(pipe)
    pipe.set_progress_bar_config(disable=True)
    return pipe, files


def _half_of(folder: Path) -> torch.dtype:
    """Returns the 16-bit numbers that a pipeline stands: bf16 for transformers, which overflow in fp16."""
    index = folder / PIPELINE_FILE
    return torch.bfloat16 if index.is_file() and "transformer" in read_json(index) else torch.float16


def _which_styles_lack(adapters: Mapping[str, Path]) -> str:
    lacking = [style.name for slug, style in STYLES.items() if slug not in adapters and EVERY not in adapters]
    return f"no adapter for {', '.join(lacking)}: words alone tell the cover's style" if lacking else ""


@contextmanager
def quietly() -> Iterator[None]:
    """Lets diffusers and transformers load models without progress bars and remarks."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    shown = [each for each in (diffusers_logging, transformers_logging) if each.is_progress_bar_enabled()]
    for each in shown:
        each.disable_progress_bar()
    loggings = (diffusers_logging, transformers_logging)
    verbosities = [each.get_verbosity() for each in loggings]
    diffusers_logging.set_verbosity_error()  # it remarks on each text encoder that a LoRA leaves alone
    transformers_logging.set_verbosity(CRITICAL)  # it prints reports of what it then raises
    try:
        with warnings.catch_warnings():
            # the newer name of this argument is not known to the diffusers of Python 3.10
            warnings.filterwarnings("ignore", message=".*torch_dtype", category=FutureWarning)
            warnings.filterwarnings("ignore", message="Already found a `peft_config`", category=UserWarning)
            yield
    finally:
        for each, verbosity in zip(loggings, verbosities, strict=True):
            each.set_verbosity(verbosity)
        for each in shown:
            each.enable_progress_bar()
