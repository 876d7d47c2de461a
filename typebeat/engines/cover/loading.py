"""Loads a cover engine from a folder in diffusers' layout, with the LoRAs of its styles.

An adapter that was trained on another base, or on another version of it, is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from typebeat.engines import Weights, WeightsError
from typebeat.engines.checkpoints import HASH_DIGITS, fingerprint
from typebeat.engines.cover.drawing import LARGE_PLAN, LARGE_VOCABULARY, SMALL_PLAN, SPEED_PLAN, DiffusionCover, Plan
from typebeat.engines.cover.files import (
    ADAPTER_FILE,
    SPEED,
    stated_base,
    stated_revision,
    weight_files,
)
from typebeat.engines.foreign import one_line, read_json, read_licence
from typebeat.engines.locate import PIPELINE_FILE
from typebeat.engines.quiet import quiet_import
from typebeat.request.styles import STYLES

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

SLICES_BELOW_BYTES = 12e9  # with less free memory on a GPU pictures are drawn in slices from the start


def load_cover(folder: Path, weights: Weights, adapters: Mapping[str, Path]) -> DiffusionCover:
    """Loads a pipeline with its adapters.

    An empty revision becomes the hash of the files, an empty licence the one that the folder's README.md names.

    Raises:
        WeightsError: files are missing, truncated or pickles, the pipeline names foreign code, or an adapter belongs
            to another base.
    """
    on_gpu = weights.device == "cuda"
    pipe, files = load_pipeline(folder, torch.float16 if on_gpu else torch.float32)
    base = weights if weights.revision else replace(weights, revision=fingerprint(files))
    with _quietly():
        for name, adapter in adapters.items():
            files.append(_add_adapter(pipe, name, adapter, folder, base))
    weights = replace(
        weights,
        revision=weights.revision or fingerprint(files),
        licence=weights.licence or read_licence(folder),
        precision="fp16" if on_gpu else "fp32",
        notice="; ".join(filter(None, (weights.notice, _which_styles_lack(adapters)))),
    )
    plan = _set_scheduler(pipe, with_speed=SPEED in adapters)
    pipe.to(weights.device)
    engine = DiffusionCover(pipe, weights, plan, adapters)
    if on_gpu:
        pipe.unet.to(memory_format=torch.channels_last)
        pipe.vae.to(memory_format=torch.channels_last)
        if torch.cuda.mem_get_info()[0] < SLICES_BELOW_BYTES:
            engine.draw_in_slices()
    return engine


def load_pipeline(folder: Path, dtype: torch.dtype) -> tuple[DiffusionPipeline, list[Path]]:
    """Loads a pipeline onto the CPU; returns it with the files of its weights."""
    files = weight_files(folder)
    with quiet_import():
        from diffusers import AutoPipelineForText2Image
    with _quietly():
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
    pipe.set_progress_bar_config(disable=True)
    return pipe, files


def _add_adapter(pipe: DiffusionPipeline, name: str, folder: Path, base: Path, weights: Weights) -> Path:
    """Loads an adapter under a name, if it belongs to the base, and returns its file."""
    file = folder / ADAPTER_FILE
    if not file.is_file():
        others = sorted(path.name for path in folder.glob("*") if path.suffix in (".bin", ".pt", ".pth", ".ckpt"))
        refused = f"; {others[0]} is a pickle, which is refused" if others else ""
        raise WeightsError(f"{file} is missing{refused}")
    stated = stated_base(folder)
    if stated and not _is_base(stated, base, weights):
        raise WeightsError(f"refused: {file} is an adapter for {stated}, the model that is loaded is {weights.name}")
    revision = stated_revision(folder)
    if revision and _is_hash(revision) and _is_hash(weights.revision) and revision != weights.revision:
        loaded = f"the one that is loaded is {weights.revision}"
        raise WeightsError(f"refused: {file} is an adapter for the version {revision} of {weights.name}, {loaded}")
    try:
        pipe.load_lora_weights(folder, weight_name=ADAPTER_FILE, adapter_name=name, local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        adapter = f"{file} (for {stated or 'a base that it does not name'})"
        raise WeightsError(f"{adapter} does not fit {weights.name} ({one_line(error)})") from error
    if name not in pipe.get_list_adapters().get("unet", ()):
        raise WeightsError(f"{file} changes nothing in {weights.name}: it is an adapter for another base")
    return file


def _is_base(stated: str, folder: Path, weights: Weights) -> bool:
    """Whether a base is the loaded one, by its repository, its folder's name, or the name it was saved under."""
    names = {weights.name, folder.resolve().name, str(read_json(folder / PIPELINE_FILE).get("_name_or_path", ""))}
    return stated.lower() in {name.lower() for name in names} or Path(stated).name == folder.resolve().name


def _is_hash(revision: str) -> bool:
    """Whether a revision is the hash of files. Commits are not compared: one may change nothing but a card."""
    return len(revision) == HASH_DIGITS


def _set_scheduler(pipe: DiffusionPipeline, with_speed: bool) -> Plan:
    """Gives the pipeline the scheduler for its weights: LCM if they are made for few steps, else DPM++."""
    from diffusers import DPMSolverMultistepScheduler, LCMScheduler

    if with_speed or isinstance(pipe.scheduler, LCMScheduler):
        pipe.scheduler = LCMScheduler.from_config(pipe.scheduler.config)
        return SPEED_PLAN
    if not isinstance(pipe.scheduler, DPMSolverMultistepScheduler):
        config = pipe.scheduler.config
        # in few steps Karras' noise levels are better, unless the first must be pure noise
        karras = not config.get("rescale_betas_zero_snr", False)
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(config, use_karras_sigmas=karras)
    return LARGE_PLAN if len(pipe.tokenizer) >= LARGE_VOCABULARY else SMALL_PLAN


def _which_styles_lack(adapters: Mapping[str, Path]) -> str:
    lacking = [style.name for slug, style in STYLES.items() if slug not in adapters]
    return f"no adapter for {', '.join(lacking)}: words alone tell the cover's style" if lacking else ""


@contextmanager
def _quietly() -> Iterator[None]:
    """Lets diffusers and transformers load models without progress bars and remarks."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    shown = [each for each in (diffusers_logging, transformers_logging) if each.is_progress_bar_enabled()]
    for each in shown:
        each.disable_progress_bar()
    verbosity = diffusers_logging.get_verbosity()
    diffusers_logging.set_verbosity_error()  # it remarks on each text encoder that a LoRA leaves alone
    try:
        with warnings.catch_warnings():
            # the newer name of this argument is not known to the diffusers of Python 3.10
            warnings.filterwarnings("ignore", message=".*torch_dtype", category=FutureWarning)
            warnings.filterwarnings("ignore", message="Already found a `peft_config`", category=UserWarning)
            yield
    finally:
        diffusers_logging.set_verbosity(verbosity)
        for each in shown:
            each.enable_progress_bar()
