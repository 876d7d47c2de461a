"""Trainings, exports and downloads that are killed: what is left is whole or not there, and they go on."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import tiny_data, tiny_musicgen
from benchmarks.fault_trials import MADE, Outcome, ended, forked
from benchmarks.folder_hub import serving

STEPS, CHECK_EVERY = 40, 2
WEIGHTS_MB = 40  # of the repository that is fetched
REPO = "me/beats"


def killed_trainings(trials: int) -> Outcome:
    """A training killed (SIGKILL) again and again, which in the end is the same to the bit as one that was not."""
    from training.runs.run_record import read_run

    lost, rng = 0, random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        work = _prepared(Path(folder))
        began = time.monotonic()
        lost += ended(forked(lambda: _train(work, "whole"), work / "told")) != MADE
        takes = time.monotonic() - began
        for _ in range(trials):
            _killed(lambda: _train(work, "killed"), rng.uniform(0, takes), work)
            lost += _half_run(work / "killed")
        began = time.monotonic()
        lost += ended(forked(lambda: _train(work, "killed"), work / "told")) != MADE
        took = time.monotonic() - began
        lost += _losses(read_run(work / "killed")) != _losses(read_run(work / "whole"))
        lost += _half_run(work / "killed")
    return Outcome(trials, lost, "", round(took, 1))


def killed_exports(trials: int) -> Outcome:
    """An export killed (SIGKILL) while it takes the place of an earlier one."""
    from training.beat.export import export_beat, state_of
    from typebeat.engines.beat.loading import load_models
    from typebeat.parts.writing import check_writable

    lost, rng = 0, random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        work = _prepared(Path(folder))
        out = work / "export"
        models = load_models(work / "base", "cpu")
        for parameter in models.lm.parameters():
            parameter.data.add_(0.01)
        export_beat(models.lm, work / "base", out)
        names, began = set(state_of(out)), time.monotonic()
        export_beat(models.lm, work / "base", out)
        takes = time.monotonic() - began
        for _ in range(trials):
            _killed(lambda: export_beat(models.lm, work / "base", out), rng.uniform(0, 1.2 * takes), work)
            if not out.exists():  # killed between two names: the next run puts it back
                check_writable(work)
            lost += set(state_of(out)) != names or not (out / tiny_musicgen.FILES[1]).is_file()
        began = time.monotonic()
        export_beat(models.lm, work / "base", out)
        took = time.monotonic() - began
        lost += sum(path.name.startswith(".") for path in work.iterdir())
    return Outcome(trials, lost, "", round(took, 1))


def killed_downloads(trials: int) -> Outcome:
    """A download from the Hub killed (SIGKILL), and taken up again."""
    from typebeat.engines.locate import fetch

    lost, rng = 0, random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        repository = work / "repository"
        repository.mkdir()
        for name in tiny_musicgen.FILES:
            (repository / name).write_bytes(rng.randbytes(WEIGHTS_MB * 500_000))
        held = {name: _hash(repository / name) for name in tiny_musicgen.FILES}
        with serving({REPO: repository}, work / "cache"):
            began = time.monotonic()
            lost += ended(forked(lambda: _fetched(fetch), work / "told")) != MADE
            takes = time.monotonic() - began
        with serving({REPO: repository}, work / "other"):
            for _ in range(trials):
                _killed(lambda: _fetched(fetch), rng.uniform(0, takes), work)
                lost += _half_files(work / "other", held)
            began = time.monotonic()
            lost += ended(forked(lambda: _fetched(fetch), work / "told")) != MADE
            took = time.monotonic() - began
            lost += _half_files(work / "other", held)
    return Outcome(trials, lost, "", round(took, 1))


def _prepared(folder: Path) -> Path:
    """Makes a tiny model and clips to train it on."""
    tiny_musicgen.save_model(folder / "base")
    tiny_data.save_beats(folder / "data")
    return folder


def _train(work: Path, name: str) -> None:
    from training.finetune_musicgen import FinetuneOptions, finetune

    options = FinetuneOptions(
        base=str(work / "base"),
        data=work / "data",
        out=work / name,
        cache=work / "cache",
        **{"steps": STEPS, "check_every": CHECK_EVERY, "batch": 4, "micro_batch": 4, "lr": 3e-3, "samples": 0},
        **{"warmup_steps": 1, "rank": 4, "alpha": 4, "patience": 0},
    )
    finetune(options, lambda line: None)


def _killed(work: Callable[[], Any], after: float, folder: Path) -> None:
    """Kills a process that does some work after so many seconds, if it is not done by then."""
    pid = forked(work, folder / "told")
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    ended(pid)


def _half_run(run: Path) -> int:
    """Returns how many of a run's files cannot be read."""
    import torch
    from safetensors.torch import load_file

    from training.runs.run_record import ADAPTER_FOLDER, BEST_FILE, LAST_FILE, RUN_FILE, read_run

    wrong = 0
    for name, read in (
        (BEST_FILE, load_file),
        (LAST_FILE, lambda file: torch.load(file, weights_only=True)),
        (RUN_FILE, lambda file: read_run(file.parent)),
        (f"{ADAPTER_FOLDER}/adapter_model.safetensors", load_file),
    ):
        try:
            if (run / name).exists():
                read(run / name)
        except Exception:  # whatever it is, the file is half
            wrong += 1
    return wrong


def _losses(record: Any) -> list[tuple[int, float]]:
    return [(row["step"], row["loss"]) for row in record.history if "loss" in row]


def _fetched(fetch: Callable[..., Path]) -> None:
    from huggingface_hub import close_session
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    close_session()  # that of the process which was forked
    fetch(REPO, "main", list(tiny_musicgen.FILES))


def _half_files(cache: Path, held: dict[str, str]) -> int:
    """Returns how many files that a download gives out are not those of the Hub."""
    given = [path for path in cache.glob("models--*/snapshots/*/*") if path.is_file()]
    return sum(_hash(path) != held[path.name] for path in given)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
