"""Trains a LoRA for FLUX.2 klein, SDXL, SD 1.5 or the starter's cover model on pictures of a style.

    python -m training.train_cover_lora --data covers/ --style kid-cudi --out runs/cudi --steps 1500

The folder of the run gets `adapter/` in diffusers' format, `run.json`, and grids of pictures from the same prompts and
seeds before and after training. Distilled models (klein, turbo, schnell, LCM) are not trained: train on
their base, such as FLUX.2-klein-base-4B, and draw with the adapter on both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training.cover.cache import Picture, encode_pictures, read_picture
from training.cover.flow_task import FlowTask, UNetFlowTask
from training.cover.networks import TRANSFORMER, kind_of_base, network_of, part_of
from training.cover.picture_grid import draw_grid
from training.cover.task import CoverTask, PictureTask, add_lora
from training.data.records import CoverImage, read_split
from training.runs.checkpoints import load_best
from training.runs.errors import TrainingError
from training.runs.lifecycle import Base, begin_run, finish_run, print_result, put_trained, reporter
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions, check_option
from training.runs.options import Say, option, run_command
from training.runs.run_record import ADAPTER_FOLDER, TrainedModel
from typebeat.engines.quiet import quiet_import
from typebeat.parts.writing import whole

with quiet_import():
    from diffusers import DDPMScheduler
    from peft import get_peft_model_state_dict

    from typebeat.engines.cover.files import locate_cover
    from typebeat.engines.cover.loading import load_pipeline
    from typebeat.engines.cover.naming import ADAPTER_CONFIG, BASE_KEY, REVISION_KEY
    from typebeat.engines.cover.plans import FLOW, is_distilled
    from typebeat.engines.weights import DRAWN_ON

if TYPE_CHECKING:
    from accelerate import Accelerator
    from diffusers import DiffusionPipeline
    from peft import LoraConfig

DTYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, kw_only=True)
class CoverLoraOptions(LoopOptions):
    """Options of training a cover LoRA."""

    data: Path = option("dataset made by training.prepare_covers")
    out: Path = option("folder of the run; the same command resumes a stopped run")
    base: str = option("model to adapt: starter, a diffusers folder, or a Hub repository", "starter")
    style: str = option("style whose pictures to train on; empty for all pictures", "")
    cache: Path = option("folder for encoded pictures, shared by all runs on the same data", Path("cache"))
    rank: int = option("rank of the adapter; 0 for the default of the base", 0)
    targets: tuple[str, ...] = option("names of the layers to adapt; none for the default of the base", ())
    side: int = option("width and height of the pictures in pixels; 0 for the default of the base", 0)
    snr_gamma: float = option("gamma of the min-SNR loss weights; 0 for no weights", 5.0)
    caption_dropout: float = option("share of pictures trained on without a caption, for classifier-free guidance", 0.1)
    grid_prompts: int = option("number of validation captions to draw before and after training", 4)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_option(0 <= self.caption_dropout < 1, "caption_dropout", self.caption_dropout, "from 0 to below 1")
        for name in ("rank", "side", "snr_gamma", "grid_prompts"):
            check_option(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")


def train_cover_lora(options: CoverLoraOptions, say: Say = print) -> TrainedModel:
    """Trains on a dataset; see `train_on_pictures`."""
    accelerator = make_accelerator(options.precision)
    pipe, base = load_base(options.base)
    side = options.side or kind_of_base(network_of(pipe)).side
    splits = []
    for split in ("train", "validation"):
        images = [each for each in read_split(options.data, split, CoverImage) if options.style in ("", each.style)]
        if not images:
            raise TrainingError(f"no picture of the style {options.style!r} is in the split {split} of {options.data}")
        splits.append([read_picture(image, side) for image in images])
    return train_on_pictures(options, pipe, base, *splits, accelerator, say)


def train_on_pictures(
    options: CoverLoraOptions,
    pipe: DiffusionPipeline,
    base: Base,
    train: Sequence[Picture],
    held_out: Sequence[Picture],
    accelerator: Accelerator,
    say: Say = print,
) -> TrainedModel:
    """Trains an adapter, or resumes in `options.out`; the pipeline then holds the best adapter.

    Raises:
        TrainingError: the loss is not a number, the disk is full, or the run has other options.
    """
    network = network_of(pipe)
    kind = kind_of_base(network)
    record = begin_run(options, "cover", "lora", base, (len(train), len(held_out)), accelerator)
    with accelerator.main_process_first():
        encoded = [
            encode_pictures(pipe, f"{base.name} {base.revision}", pictures, options.cache, accelerator.device)
            for pictures in (train, held_out)
        ]
    rank, targets = options.rank or kind.rank, options.targets or kind.targets
    # on a CPU, group norm does not take bf16 weights with fp32 input
    frozen = torch.float32 if accelerator.device.type == "cpu" else DTYPES[options.precision]
    config = add_lora(network, rank, targets, base.name, options.seed, frozen)
    config.revision = base.revision
    dropout, seed = options.caption_dropout, options.seed
    if part_of(pipe) == TRANSFORMER:
        task: PictureTask = FlowTask(pipe, *encoded, options.batch, dropout, seed)
    elif pipe.scheduler.config.prediction_type == FLOW:
        task = UNetFlowTask(network, *encoded, options.batch, dropout, seed)
    else:
        noises = DDPMScheduler.from_config(pipe.scheduler.config)
        task = CoverTask(network, noises, *encoded, options.batch, options.snr_gamma, dropout, seed)
    prompts = list(dict.fromkeys(picture.caption for picture in held_out))[: options.grid_prompts]
    side = train[0].pixels.shape[0]

    def draw(name: str) -> None:
        if prompts and accelerator.is_main_process and not (options.out / name).exists():
            with accelerator.autocast():
                draw_grid(pipe, prompts, side, options.out / name, accelerator.device)

    draw("before.png")
    outcome = run_loop(task, options, options.out, accelerator, reporter(record, options.out, accelerator, say))
    put_trained(network, load_best(options.out))
    if accelerator.is_main_process:
        save_adapter(pipe, config, options.out / ADAPTER_FOLDER)
    draw("after.png")
    return finish_run(record, outcome, options.out, accelerator)


def save_adapter(pipe: DiffusionPipeline, config: LoraConfig, folder: Path) -> None:
    """Writes the adapter in diffusers' format; metadata and adapter_config.json name base and revision."""
    # with PEFT's names, since some layers do not load again with diffusers' older names; and without asking the Hub
    layers = get_peft_model_state_dict(network_of(pipe), save_embedding_layers=False)
    told = {**config.to_dict(), "target_modules": sorted(config.target_modules)}
    network = part_of(pipe)
    short = {BASE_KEY: config.base_model_name_or_path, REVISION_KEY: config.revision, "peft_type": "LORA"}
    short |= {"r": config.r, "lora_alpha": config.lora_alpha, "target_modules": told["target_modules"]}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole(folder) as part:
        held = {f"{network}_lora_layers": layers, f"{network}_lora_adapter_metadata": told}
        type(pipe).save_lora_weights(part, **held)
        (part / ADAPTER_CONFIG).write_text(json.dumps(short, indent=1) + "\n", encoding="utf-8")


def load_base(choice: str) -> tuple[DiffusionPipeline, Base]:
    """Loads the pipeline to adapt, in fp32 on the CPU; it is found in the same way as by the app.

    Raises:
        WeightsError: there is no such base, or it cannot be loaded.
        TrainingError: the base is distilled for few steps, which training would break; or the Hub did not answer.
    """
    located = locate_cover(choice, "cpu")
    pipe, files = load_pipeline(located.folder, torch.float32)
    part_of(pipe)
    if is_distilled(pipe, located.weights.name):
        other = next((base for base, drawn in DRAWN_ON.items() if drawn == located.weights.name), "its base")
        raise TrainingError(f"{choice} is distilled for few steps; train on {other}, and draw with the adapter on both")
    return pipe, Base.of(located.weights, located.folder, files)


if __name__ == "__main__":
    print_result(run_command(CoverLoraOptions, train_cover_lora, "training.train_cover_lora", __doc__))
