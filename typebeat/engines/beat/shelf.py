"""Beat weights that can be changed while the page runs: adapters on one base without loading it again, all else anew.

One model is in memory at a time, unless so much is free that the former may stay.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from typebeat.engines import UNWATCHED, Job, WeightChoice, Weights, WeightsError
from typebeat.engines.beat.adapters import base_name, find_base
from typebeat.engines.beat.formats import is_adapter
from typebeat.engines.beat.musicgen import MusicGenEngine, free_memory, licence_of
from typebeat.engines.beat.pace import seconds_for_a_second
from typebeat.engines.checkpoints import fingerprint
from typebeat.engines.foreign import quoted
from typebeat.engines.load import best_device, load_beat_engine
from typebeat.engines.locate import AUTO, locate
from typebeat.engines.weights import MUSICGEN_LICENCE, MUSICGENS, NOT_PLAYED

GROWTH = 4.0  # how much larger than its files a model can be in memory: fp32 of fp16, and a packed copy of it
SPARE_BYTES = 2e9
WATCH_SECONDS = 0.5


class BeatShelf:
    """A `SwitchableBeat`: one of several engines, that of `choice`.

    Args:
        engine: What was loaded at the start.
        choice: Which weights were asked for; where the starter stands in for them they can still be chosen later.
        more: Further choices: folders and repositories.
    """

    def __init__(self, engine: Any, choice: str, more: Sequence[str] = ()) -> None:
        wanted = AUTO["beat"].repo if choice == "auto" else choice
        self.choice = "starter" if engine.weights.source == "starter" else wanted
        self.choices = choices_with(self.choice, (wanted, *more))
        self._engines = {self.choice: engine}
        self._last: Weights = engine.weights

    @property
    def weights(self) -> Weights:
        """What plays, or what played last while another is loaded."""
        engine = self._engines.get(self.choice)
        return engine.weights if engine else self._last

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        engine = self._engines.get(self.choice)
        if engine is None:
            raise AttributeError(f"no weights are loaded at the moment, so there is no {name}")
        return getattr(engine, name)

    def switch(self, choice: str, job: Job = UNWATCHED) -> Weights:
        known = {each.choice: each for each in self.choices}
        if choice not in known:
            raise WeightsError(f"{quoted(choice)} is none of the weights that can be chosen here")
        if known[choice].why_not:
            raise WeightsError(f"{known[choice].name} cannot be played: {known[choice].why_not}")
        before = self.choice
        if choice not in self._engines:
            with watching(known[choice], replace(job, doing=f"Loading {known[choice].name}")):
                if not self._by_adapter(choice):
                    self._load(known[choice], job)
        self.choice = choice
        if before not in self._engines:
            self._engines = {choice: self._engines[choice]}
        return self._engines[choice].weights

    def pace(self, choice: str) -> float | None:
        size = next((each for each in MUSICGENS if each.repo == choice.partition("@")[0]), None)
        return seconds_for_a_second(size) if size and best_device() == "cpu" else None

    def _by_adapter(self, choice: str) -> bool:
        """Puts an adapter on, or takes it off, where an engine holds the base of what is chosen."""
        engine = self._engines[self.choice]
        if not isinstance(engine, MusicGenEngine) or not self._is_near(choice):
            return False
        located = locate(choice, engine.weights.device, "beat")
        folder, weights = located.folder, replace(located.weights, precision=engine.weights.precision)
        if not is_adapter(folder):
            if not engine.is_of(folder):
                return False
            licence = licence_of(folder, weights, "")
            revision = weights.revision or fingerprint(engine.files)
            engine.put_adapter(None, replace(weights, revision=revision, licence=licence))
        else:
            base = find_base(folder, engine.weights.device)
            if not engine.is_of(base.folder):
                return False
            adapter = engine.read_adapter(folder)
            revision = weights.revision or fingerprint([*engine.files, *adapter.files])
            licence, named = licence_of(folder, weights, base.weights.licence), base_name(base.weights, engine.files)
            engine.put_adapter(adapter, replace(weights, revision=revision, licence=licence, base=named))
        self._engines = {choice: engine}
        return True

    def _is_near(self, choice: str) -> bool:
        """Whether a choice is on this machine, so that looking at it fetches nothing; repositories are looked at."""
        return Path(choice).expanduser().is_dir() or not any(each.repo == choice for each in MUSICGENS)

    def _load(self, chosen: WeightChoice, job: Job) -> None:
        """Loads an engine; if memory is short, the one before goes first. It comes back after a failure or a Stop."""
        device = torch.device(best_device())
        before = self.choice
        is_roomy = free_memory(device) > GROWTH * chosen.gigabytes * 1e9 + SPARE_BYTES
        if not is_roomy:
            self._last = self._engines.pop(before).weights
            gc.collect()
        try:
            self._engines[chosen.choice] = load_beat_engine(chosen.choice)
            loaded = self._engines[chosen.choice].weights
            if loaded.source == "starter" and chosen.choice != "starter":
                raise WeightsError(loaded.notice.partition(": ")[2] or loaded.notice)  # why the starter would stand in
            job.check()  # a library cannot be stopped while it fetches and reads
        except BaseException:
            self._engines.pop(chosen.choice, None)
            if before not in self._engines:
                self._engines[before] = load_beat_engine(before)
            raise
        if chosen.gigabytes == 0 and before in self._engines:  # of unknown size: it may have been too much
            self._engines.pop(before)


def choices_with(loaded: str, more: Sequence[str]) -> tuple[WeightChoice, ...]:
    """Returns what can be chosen: the starter, MusicGens, what is loaded, and further choices."""
    found = [WeightChoice("starter", "Typebeat's starter", "mit", 0.1)]
    for each in MUSICGENS:
        why_not = NOT_PLAYED.get(each.repo, "")
        found.append(WeightChoice(each.repo, each.name, MUSICGEN_LICENCE, each.gigabytes, why_not))
    known = {each.choice for each in found}
    for choice in dict.fromkeys((loaded, *more)):
        if choice not in known:
            folder = Path(choice).expanduser()
            is_path = folder.is_dir() or folder.is_absolute()  # visitors see names, not where they lie
            name = folder.resolve().name if is_path else choice
            size = sum(file.stat().st_size for file in folder.glob("*")) if folder.is_dir() else 0
            why_not = NOT_PLAYED.get(choice.partition("@")[0], "")
            found.append(WeightChoice(choice, name, "", round(size / 1e9, 2), why_not))
    return tuple(found)


@contextmanager
def watching(chosen: WeightChoice, job: Job) -> Iterator[None]:
    """Reports how much of a repository has been fetched, while something else fetches it."""
    from huggingface_hub import constants

    place = Path(constants.HF_HUB_CACHE) / f"models--{chosen.choice.partition('@')[0].replace('/', '--')}"
    needed = max(1, round(chosen.gigabytes * 1000))
    done = threading.Event()

    def look() -> None:
        while not done.wait(WATCH_SECONDS):
            held = sum(_size(file) for file in place.glob("blobs/*")) if place.is_dir() else 0
            if job.report:
                job.report(min(round(held / 1e6), needed), needed, job.doing)

    job.step(0, needed)
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
