"""The training loop on a model of a few weights: it learns, resumes to the same bits, and says what goes wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from training.runs import checkpoints, loop
from training.runs.checkpoints import load_best
from training.runs.errors import TrainingError
from training.runs.loop_options import LoopOptions
from training.runs.options import OptionsError, options_from
from training.runs.run_record import BEST_FILE, LAST_FILE, TrainedModel, read_run

OPTIONS = LoopOptions(steps=8, batch=6, micro_batch=2, lr=0.05, warmup_steps=2, check_every=2, ema_decay=0.9)
ROOT = Path(__file__).parents[2]
TWO_PROCESSES = replace(OPTIONS, micro_batch=1, steps=4)
SHARED = ("copied", "sharded")  # how two processes hold the weights


class Line:
    """Learns y = 3x - 1; an item is (x, y, name)."""

    def __init__(self, poisoned_step: int = -1, dropout: float = 0.1):
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(1, 8), nn.Dropout(dropout), nn.Linear(8, 1))
        self._poisoned_step = poisoned_step

    def optimizers(self, lr):
        return [torch.optim.AdamW(self.model.parameters(), lr=lr)]

    def draw(self, step):
        x = torch.rand(6, generator=torch.Generator().manual_seed(step))
        if step == self._poisoned_step:
            x[3] = torch.nan
        return [(v, 3 * v - 1, f"clip {i}") for i, v in enumerate(x)]

    def validation(self):
        return [(v, 3 * v - 1, "") for v in torch.linspace(0, 1, 5)]

    def measure(self, forward, items):
        x, y, _ = zip(*items, strict=True)
        error = forward(torch.stack(x)[:, None])[:, 0] - torch.stack(y)
        return torch.stack([error.pow(2).sum(), error.abs().sum()])

    def count(self, items):
        return torch.full((2,), float(len(items)))

    def name(self, item):
        return item[2]


def train(run, options=OPTIONS, task=None, report=lambda progress: None):
    task = task or Line()
    outcome = loop.run_loop(task, options, run, loop.make_accelerator(options.precision), report)
    return task, outcome


def test_the_loss_falls_and_the_best_weights_are_those_it_was_measured_on(tmp_path):
    task, outcome = train(tmp_path, replace(OPTIONS, steps=60))
    losses = [row["validation_loss"] for row in outcome.progress.history if "validation_loss" in row]
    assert len(losses) == 31, "before the first step, and after every second"
    assert outcome.progress.best_loss == min(losses) < 0.3 * losses[0]
    task.model.load_state_dict(load_best(tmp_path))
    task.model.eval()
    with torch.no_grad():
        items = task.validation()
        measured = (task.measure(task.model, items) / task.count(items)).mean()
    assert float(measured) == pytest.approx(outcome.progress.best_loss, rel=1e-5)


def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(tmp_path):
    def stop_at_step_5(progress):
        if progress.step == 5:
            raise KeyboardInterrupt

    whole, _ = train(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", report=stop_at_step_5)
    torch.manual_seed(12345)  # whatever happened in between
    resumed, outcome = train(tmp_path / "cut")
    assert outcome.progress.step == 8
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(resumed.model.state_dict()[name], weight), name
    best = load_best(tmp_path / "whole")
    assert all(torch.equal(tensor, best[name]) for name, tensor in load_best(tmp_path / "cut").items())
    assert train(tmp_path / "cut")[1].progress.step == 8, "a run that is over stays so"


@pytest.mark.parametrize("micro_batch", [1, 2, 6])
def test_accumulated_parts_of_a_batch_learn_the_same_as_the_whole(tmp_path, micro_batch):
    options = replace(OPTIONS, micro_batch=micro_batch, check_every=100)
    task, _ = train(tmp_path / "parts", options, Line(dropout=0.0))
    whole, _ = train(tmp_path / "whole", replace(options, micro_batch=6), Line(dropout=0.0))
    for mine, its in zip(task.model.parameters(), whole.model.parameters(), strict=True):
        torch.testing.assert_close(mine, its, atol=1e-6, rtol=1e-5)


@pytest.fixture(scope="module")
def runs_of_two(tmp_path_factory):
    """The folder with a run of two processes for each way in which they share the weights."""
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": "2"}
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "ACCELERATE_USE_CPU": "true",
        **meeting,
    }
    processes = [
        subprocess.Popen([sys.executable, __file__, folder], env={**environment, "RANK": rank, "LOCAL_RANK": rank})
        for rank in ("0", "1")
    ]
    try:
        assert [process.wait(timeout=600) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
    return folder


@pytest.mark.parametrize("how", SHARED)
def test_two_processes_learn_the_same_as_one_with_the_same_batch_and_resume(runs_of_two, tmp_path, how):
    one, outcome = train(tmp_path / "one", TWO_PROCESSES, Line(dropout=0.0))
    two = torch.load(runs_of_two / how / LAST_FILE, weights_only=True)
    assert len(outcome.progress.history) == len(two["progress"]["history"]) == TWO_PROCESSES.steps + 1
    for mine, its in zip(outcome.progress.history, two["progress"]["history"], strict=True):
        for name in {"loss", "validation_loss"} & mine.keys():
            assert mine[name] == pytest.approx(its[name], abs=1e-6)
    for name, weight in one.model.named_parameters():
        torch.testing.assert_close(two["trained"][name], weight.detach(), atol=1e-6, rtol=1e-5)


def test_a_batch_that_does_not_divide_among_the_processes_is_told(tmp_path):
    accelerator = loop.make_accelerator("no")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(accelerator), "num_processes", 4)
        with pytest.raises(TrainingError, match="a batch of 6 does not divide among 4 processes"):
            loop.run_loop(Line(), OPTIONS, tmp_path, accelerator)


def test_a_loss_that_is_no_number_stops_the_run_names_the_clips_and_keeps_the_weights(tmp_path):
    task = Line(poisoned_step=5)
    with pytest.raises(TrainingError, match=r"step 6: the loss is not a number on clip 2, clip 3;.*up to step 4"):
        train(tmp_path, task=task)
    assert all(torch.isfinite(p).all() for p in task.model.parameters())
    assert all(torch.isfinite(tensor).all() for tensor in load_best(tmp_path).values())
    assert train(tmp_path)[1].progress.step == 8, "with the clip mended it goes on"


def test_it_ends_early_when_validation_gets_no_better(tmp_path):
    options = replace(OPTIONS, steps=1000, patience=3, lr=3.0, max_grad_norm=100.0, ema_decay=0.0)
    _, outcome = train(tmp_path, options)
    assert outcome.stopped == "early"
    assert outcome.progress.step == outcome.progress.best_step + 3 * options.check_every


def test_it_ends_by_the_clock_of_all_sessions_together(tmp_path):
    options = replace(OPTIONS, steps=0, minutes=0.005, check_every=1000)
    _, outcome = train(tmp_path, options)
    assert outcome.progress.seconds == pytest.approx(0.3, abs=0.2)
    steps = outcome.progress.step
    assert train(tmp_path, options)[1].progress.step == steps


def test_a_full_disk_is_told_before_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 100}))
    with pytest.raises(TrainingError, match="GB free"):
        train(tmp_path)


def test_a_disk_that_gets_full_costs_the_new_checkpoint_and_not_the_old(tmp_path, monkeypatch):
    train(tmp_path, replace(OPTIONS, steps=2))
    before = (tmp_path / LAST_FILE).read_bytes()

    def full(held, part):
        with open("/dev/full", "wb") as opened:
            torch.save(held, opened)

    monkeypatch.setattr(checkpoints, "_torch_save", full)
    with pytest.raises(TrainingError, match="the disk is full"):
        train(tmp_path)
    assert (tmp_path / LAST_FILE).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_a_truncated_checkpoint_is_told_in_one_line(tmp_path):
    train(tmp_path, replace(OPTIONS, steps=2))
    (tmp_path / LAST_FILE).write_bytes((tmp_path / LAST_FILE).read_bytes()[:500])
    with pytest.raises(TrainingError, match="cannot be read"):
        train(tmp_path)
    (tmp_path / BEST_FILE).unlink()
    with pytest.raises(TrainingError, match="has no best"):
        load_best(tmp_path)


def test_the_learning_rate_warms_up_and_falls_along_a_cosine():
    options = replace(OPTIONS, lr=1.0, warmup_steps=10, final_lr=0.1)
    assert loop.learning_rate(0, 0.0, options) == pytest.approx(0.1)
    assert loop.learning_rate(9, 0.0, options) == pytest.approx(1.0)
    assert loop.learning_rate(500, 0.5, options) == pytest.approx(0.55)
    assert loop.learning_rate(1000, 1.0, options) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 5, "minutes": 1.0}, "not both"),
        ({}, "not both"),
        ({"steps": 5, "precision": "int4"}, "one of no, bf16, fp16"),
        ({"steps": 5, "lr": 0.0}, "more than 0"),
        ({"steps": 5, "ema_decay": 1.0}, "below 1"),
        ({"steps": 5, "patience": -1}, "0 or more"),
    ],
)
def test_options_that_cannot_be_are_refused(values, message):
    with pytest.raises(OptionsError, match=message):
        options_from(LoopOptions, values)


def test_half_precision_without_a_gpu_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError, match="needs a GPU"):
        loop.make_accelerator("fp16")


def test_a_runs_record_is_read_as_it_was_written(tmp_path):
    record = TrainedModel("beat", "lora", "starter", "abc", "mit", "beats/", (20, 3), {"lr": 0.1}, history=({"a": 1},))
    record.write(tmp_path)
    assert read_run(tmp_path) == record
    (tmp_path / "run.json").write_text(json.dumps({"kind": "beat"}))
    with pytest.raises(TrainingError, match="no record of a run"):
        read_run(tmp_path)
    with pytest.raises(TrainingError, match="is not a training run"):
        read_run(tmp_path / "nowhere")


def sharded_accelerator():
    """Returns an accelerator of FSDP on the CPU, which accelerate offers on GPUs alone."""
    from accelerate import Accelerator, FullyShardedDataParallelPlugin
    from accelerate.state import AcceleratorState, PartialState
    from accelerate.utils import DistributedType

    AcceleratorState._reset_state()
    PartialState(cpu=True)
    PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
    wrapped = {"auto_wrap_policy": "transformer_based_wrap", "transformer_cls_names_to_wrap": ["Linear"]}
    plugin = FullyShardedDataParallelPlugin(fsdp_version=2, state_dict_type="FULL_STATE_DICT", **wrapped)
    return Accelerator(fsdp_plugin=plugin)


def run_twice(folder, how):
    """What each of two processes does: half of the steps, and then the rest from the checkpoint."""
    accelerator = sharded_accelerator() if how == "sharded" else loop.make_accelerator("no")
    assert accelerator.num_processes == 2

    def stop_at_step_3(progress):
        if progress.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.run_loop(Line(dropout=0.0), TWO_PROCESSES, folder, accelerator, stop_at_step_3)
    accelerator.free_memory()
    loop.run_loop(Line(dropout=0.0), TWO_PROCESSES, folder, accelerator)


if __name__ == "__main__":
    for how in SHARED:
        run_twice(Path(sys.argv[1]) / how, how)
    torch.distributed.barrier()
    os._exit(0)  # all is on disk; gloo's threads now and then abort an interpreter that is torn down in order
