"""Finetunes MusicGen (small, medium or large), MusicGen-Stem or the starter, by LoRA or in full.

    python -m training.finetune_musicgen --data beats/ --out runs/mine --base starter --steps 300
    accelerate launch --config_file training/configs/accelerate_fsdp.yaml -m training.finetune_musicgen \
        --config training/configs/musicgen_large_full.toml --data beats/ --out runs/mine

The data is a dataset made by `training.prepare_beats`. runs/run_record.py describes the folder of the run; the same
command resumes a run that was stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from accelerate.utils import DistributedType

from training.beat.memory import check_memory, estimate_memory
from training.beat.token_cache import tokenize_clips
from training.data.records import BeatClip, read_split
from training.runs.checkpoints import load_best
from training.runs.errors import TrainingError
from training.runs.lifecycle import begin_run, finish_run, print_result, put_trained, reporter
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions, check_option
from training.runs.options import Say, option, run_command
from training.runs.run_record import ADAPTER_FOLDER, TrainedModel
from typebeat.engines.quiet import quiet_import
from typebeat.parts.writing import whole

with quiet_import():
    from training.beat.before_after import choose_prompts, write_page, write_samples
    from training.beat.lora import add_lora, check_gradients
    from training.beat.models import load_base, trained_model
    from training.beat.stem_masking import masking_for
    from training.beat.task import BeatTask

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel
    from peft import PeftModel

METHODS = ("lora", "full")
DTYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, kw_only=True)
class FinetuneOptions(LoopOptions):
    """Options of finetuning a beat model."""

    data: Path = option("dataset made by training.prepare_beats")
    out: Path = option("folder of the run; the same command resumes a stopped run")
    base: str = option("model to start from: starter, a folder, or a Hub repository", "starter")
    method: str = option("what to train: lora (small adapters; the base is not changed) or full (all weights)", "lora")
    rank: int = option("rank of the LoRA adapters", 16)
    alpha: int = option("scale of the LoRA adapters: their output is multiplied by alpha / rank", 16)
    caption_dropout: float = option("share of excerpts trained on without a caption, for classifier-free guidance", 0.1)
    weight_decay: float = option("weight decay of matrices; vectors have none", 0.01)
    gradient_checkpointing: bool = option("save memory by computing activations twice instead of keeping them", False)
    cache: Path = option("folder for the codec tokens of clips, shared by all runs on the same data", Path("cache"))
    samples: int = option("number of validation captions to make beats for before and after training", 3)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_option(self.method in METHODS, "method", self.method, f"one of {', '.join(METHODS)}")
        check_option(0 <= self.caption_dropout < 1, "caption_dropout", self.caption_dropout, "from 0 to below 1")
        for name in ("rank", "alpha"):
            check_option(getattr(self, name) > 0, name, getattr(self, name), "more than 0")
        for name in ("weight_decay", "samples"):
            check_option(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")


def finetune(options: FinetuneOptions, say: Say = print) -> TrainedModel:
    """Starts or resumes a training and returns the record of the run.

    Raises:
        TrainingError: memory or disk is too small, a loss is not a number, or the run was begun with other options.
        DatasetError: there is no such dataset. WeightsError: there is no such base.
    """
    accelerator = make_accelerator(options.precision)
    if options.method == "lora" and accelerator.distributed_type == DistributedType.FSDP:
        raise TrainingError("a LoRA is small enough to be trained without FSDP; take accelerate_multi_gpu.yaml")
    models, base = load_base(options.base, accelerator.device.type)
    splits = [read_split(options.data, split, BeatClip) for split in ("train", "validation")]
    tell = say if accelerator.is_main_process else _nothing
    with accelerator.main_process_first():
        train, held_out = (
            tokenize_clips(models.codec, f"{base.name} {base.revision}", clips, options.cache, tell) for clips in splits
        )
    record = begin_run(options, "beat", options.method, base, (len(train), len(held_out)), accelerator)
    prompts = choose_prompts([held.clip for held in held_out], options.samples, models.max_seconds)
    if prompts and accelerator.is_main_process:
        write_samples(models, prompts, options.out, "before")
    frame_rate = float(models.codec.frame_rate)
    task = BeatTask(
        models.lm,
        train,
        held_out,
        frames=int(models.max_seconds * frame_rate),
        frame_rate=frame_rate,
        batch=options.batch,
        caption_dropout=options.caption_dropout,
        weight_decay=options.weight_decay,
        seed=options.seed,
        masking=masking_for(models),
    )
    adapted = make_trainable(models.lm, options, base.name)
    longest = max(excerpt.length for excerpt in task.validation() + task.draw(0))
    is_half = options.precision != "no"
    estimate = estimate_memory(models.lm, longest, options.micro_batch, bool(options.ema_decay), is_half)
    tell(check_memory(estimate, accelerator.device))
    if adapted:
        with accelerator.autocast():
            check_gradients(models.lm, task.measure(models.lm, task.validation()[:1]).sum())
    outcome = run_loop(task, options, options.out, accelerator, reporter(record, options.out, accelerator, tell))
    record = finish_run(record, outcome, options.out, accelerator)
    if accelerator.is_main_process:
        if adapted:
            put_trained(models.lm, load_best(options.out))
            with whole(options.out / ADAPTER_FOLDER) as part:
                adapted.save_pretrained(part, save_embedding_layers=False)  # so that the Hub is not asked
        if prompts:
            after, _ = trained_model(options.out, accelerator.device.type)
            write_samples(after, prompts, options.out, "after")
            tell(f"listen to {write_page(prompts, record, options.out)}")
    accelerator.wait_for_everyone()
    return record


def make_trainable(lm: LMModel, options: FinetuneOptions, base: str) -> PeftModel | None:
    """Sets which parameters require a gradient; returns PEFT's wrapper if the method is LoRA."""
    if options.gradient_checkpointing:
        lm.transformer.checkpointing = "torch"
    if options.method == "lora":
        return add_lora(lm, options.rank, options.alpha, base, options.seed, DTYPES[options.precision])
    lm.float().requires_grad_(True)
    return None


def _nothing(line: str) -> None:
    pass


if __name__ == "__main__":
    print_result(run_command(FinetuneOptions, finetune, "training.finetune_musicgen", __doc__))
