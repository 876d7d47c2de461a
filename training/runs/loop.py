"""The training loop of all trainings, on a CPU or GPU, or on several, by accelerate. A task defines what is learnt.

All randomness of a step derives from the run's seed and the number of the step. An interrupted run therefore resumes to
the same bits, and several processes compute the same as one with the same batch.
"""

from __future__ import annotations

import math
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn
from torch.optim import Optimizer

from training.runs.checkpoints import Progress, check_disk, load_last, save_best, save_last
from training.runs.errors import TrainingError
from training.runs.loop_options import LoopOptions
from training.runs.state import State

Item = Any
Report = Callable[[Progress], None]  # is called at the start and after each step


class Task(Protocol):
    """What is learnt: the model, the items of each step, and the loss."""

    model: nn.Module  # parameters that require a gradient are trained

    def optimizers(self, lr: float) -> list[Optimizer]:
        """Returns the optimizers of the trained parameters."""

    def draw(self, step: int) -> list[Item]:
        """Returns the items of an optimizer step, a whole batch; the same step always gets the same items."""

    def validation(self) -> list[Item]:
        """Returns all items of the validation split; they are the same each time."""

    def measure(self, forward: nn.Module, items: Sequence[Item]) -> Tensor:
        """Returns the summed loss of each part (such as a codebook), (parts,)."""

    def count(self, items: Sequence[Item]) -> Tensor:
        """Returns the divisor of each sum that `measure` returns, (parts,)."""

    def name(self, item: Item) -> str:
        """Returns the file or beat that an item comes from, for error messages."""


@dataclass
class Outcome:
    """The result of a run."""

    progress: Progress
    stopped: str  # "done" or "early"
    steps_per_s: float
    peak_mb: float
    trained_parameters: int


def make_accelerator(precision: str) -> Accelerator:
    """Returns this process's accelerator; the precision may differ from that of an earlier run in the process."""
    if AcceleratorState._shared_state and AcceleratorState().mixed_precision != precision:
        AcceleratorState._reset_state()  # accelerate has no public way to reset it
    if precision == "fp16" and not torch.cuda.is_available():
        raise TrainingError("the precision fp16 needs a GPU; take bf16 or no")
    return Accelerator(mixed_precision=precision)


def run_loop(
    task: Task, options: LoopOptions, run: Path, accelerator: Accelerator, report: Report = lambda progress: None
) -> Outcome:
    """Trains until steps or minutes are used up or the validation loss stops improving; resumes from `run`.

    Raises:
        TrainingError: the loss is not a number, the disk is full, or the checkpoint belongs to another model.
    """
    if options.batch % accelerator.num_processes:
        raise TrainingError(f"a batch of {options.batch} does not divide among {accelerator.num_processes} processes")
    run.mkdir(parents=True, exist_ok=True)
    forward, *optimizers = accelerator.prepare(task.model, *task.optimizers(options.lr))
    try:
        return _run(task, options, run, State(accelerator, forward, optimizers, options), report)
    finally:
        accelerator.unwrap_model(forward, keep_fp32_wrapper=False)  # removes accelerate's wrappers


def _run(task: Task, options: LoopOptions, run: Path, state: State, report: Report) -> Outcome:
    accelerator = state.accelerator
    check_disk(run, state.trained, copies=5 if options.ema_decay else 4)
    progress = load_last(run, state) or Progress()
    clock, timed = _Clock(progress.seconds), 0
    if not progress.history:
        _validate(task, state, progress, run, options.micro_batch)
    report(progress)
    stopped = "done"
    clock.start()
    while not _is_over(progress, options, clock, accelerator):
        row = _step(task, state, options, progress, clock, run)
        progress.step += 1
        timed += 1
        progress.history.append(row)
        last = _is_over(progress, options, clock, accelerator)
        if last or progress.step % options.check_every == 0:
            clock.stop()
            progress.seconds = clock.seconds
            _validate(task, state, progress, run, options.micro_batch)
            save_last(run, state, progress)
            clock.start()
        report(progress)
        if options.patience and progress.checks_since_best >= options.patience:
            stopped = "early"
            break
    clock.stop()
    peak = torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else _peak_rss_mb()
    count = sum(p.numel() for p in state.trained.values())
    return Outcome(progress, stopped, timed / max(1e-9, clock.this_session), peak, count)


class _Clock:
    """Measures seconds of training over all sessions; it is stopped during validation."""

    def __init__(self, before: float):
        self._before, self.this_session, self._since = before, 0.0, None

    def start(self) -> None:
        self._since = time.monotonic()

    def stop(self) -> None:
        self.this_session += time.monotonic() - self._since
        self._since = None

    @property
    def seconds(self) -> float:
        running = time.monotonic() - self._since if self._since is not None else 0.0
        return self._before + self.this_session + running


def _is_over(progress: Progress, options: LoopOptions, clock: _Clock, accelerator: Accelerator) -> bool:
    return _share_done(progress.step, options, clock, accelerator) >= 1


def _share_done(step: int, options: LoopOptions, clock: _Clock, accelerator: Accelerator) -> float:
    """Returns which share of the run is done, 0 to 1; measured in minutes, it is the mean of all processes."""
    if options.steps:
        return step / options.steps
    share = torch.tensor(clock.seconds / (options.minutes * 60), device=accelerator.device)
    return float(accelerator.reduce(share, "mean"))


def learning_rate(step: int, share: float, options: LoopOptions) -> float:
    """Returns the learning rate of a step: a linear warm-up times a cosine decay to the share `final_lr`."""
    cosine = options.final_lr + (1 - options.final_lr) * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
    return options.lr * min(1.0, (step + 1) / max(1, options.warmup_steps)) * cosine


def _step(
    task: Task, state: State, options: LoopOptions, progress: Progress, clock: _Clock, run: Path
) -> dict[str, Any]:
    """Does one optimizer step and returns its row of the history.

    Raises:
        TrainingError: the loss or a gradient is not a number; the weights are unchanged.
    """
    accelerator, step = state.accelerator, progress.step
    lr = learning_rate(step, _share_done(step, options, clock, accelerator), options)
    for group in (group for optimizer in state.optimizers for group in optimizer.param_groups):
        group["lr"] = lr
    world, rank = accelerator.num_processes, accelerator.process_index
    _seed_everything(options.seed, step, rank)
    state.forward.train()
    batch = task.draw(step)
    share = len(batch) // world
    mine = batch[rank * share : (rank + 1) * share]  # several processes divide the items that one would take
    counts = task.count(batch).to(accelerator.device)
    parts = [mine[i : i + options.micro_batch] for i in range(0, len(mine), options.micro_batch)]
    total, bad = torch.zeros_like(counts), []
    for i, items in enumerate(parts):
        with nullcontext() if i == len(parts) - 1 else accelerator.no_sync(state.forward):
            shares = task.measure(state.forward, items) / counts
            accelerator.backward(shares.mean() * world)
        total += shares.detach()
        if not torch.isfinite(shares).all():
            bad += [task.name(item) for item in items]
    losses = accelerator.reduce(total, "sum")
    norm = accelerator.clip_grad_norm_(list(state.trained.values()), options.max_grad_norm)
    overflow_is_normal = options.precision == "fp16"  # the gradient scaler skips such steps
    if not torch.isfinite(losses).all() or not (overflow_is_normal or torch.isfinite(norm)):
        what = "a gradient" if torch.isfinite(losses).all() else "the loss"
        bad = accelerator.gather_for_metrics(bad, use_gather_object=True)
        names = bad or [task.name(item) for item in batch]
        raise TrainingError(
            f"step {step + 1}: {what} is not a number on {', '.join(names)}; {run} keeps the good weights up to step "
            f"{progress.saved_step}; check these files, or take a lower lr"
        )
    for optimizer in state.optimizers:
        optimizer.step()
        optimizer.zero_grad()
    state.average(step + 1)
    return {"step": step + 1, "loss": float(losses.mean()), "lr": lr, "grad_norm": float(norm)}


def _seed_everything(seed: int, step: int, rank: int) -> None:
    """Seeds the global random generators, from which layers such as dropout draw, for one step."""
    number = int(np.random.SeedSequence([seed, step, rank]).generate_state(1)[0])
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


@torch.no_grad()
def _validate(task: Task, state: State, progress: Progress, run: Path, batch_size: int) -> None:
    """Measures the loss on the validation split, adds it to the history, and saves the weights if they are the best."""
    accelerator = state.accelerator
    items = task.validation()
    batches = list(_batches(items, batch_size))
    mine = batches[accelerator.process_index :: accelerator.num_processes]
    state.forward.eval()
    counts = task.count(items).to(accelerator.device)
    with state.averaged_weights():
        sums = torch.zeros_like(counts)
        for batch in mine:
            sums += task.measure(state.forward, batch)
        for _ in range(len(mine), math.ceil(len(batches) / accelerator.num_processes)):
            task.measure(state.forward, items[:1])  # idle processes must help to gather a sharded model
        losses = accelerator.reduce(sums, "sum") / counts
        loss = float(losses.mean())
        if not math.isfinite(loss):
            raise TrainingError(
                f"the validation loss at step {progress.step} is {loss}; "
                f"{run} keeps the good weights up to step {progress.saved_step}"
            )
        progress.checks_since_best += 1
        if progress.best_loss is None or loss < progress.best_loss:
            progress.best_loss, progress.best_step, progress.checks_since_best = loss, progress.step, 0
            save_best(run, state)
    measured = {"validation_loss": loss, "validation_parts": losses.tolist()}
    if progress.history and progress.history[-1]["step"] == progress.step:
        progress.history[-1] = {**progress.history[-1], **measured}
    else:
        progress.history.append({"step": progress.step, **measured})


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _peak_rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
