"""An engine in somebody else's process: arguments and results pickled, errors without their class."""

from __future__ import annotations

import importlib
import multiprocessing
import pickle
import sys
import threading
import time
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import gradio as gr
import numpy as np
import pytest
from fakes import FakeCover, FakeEngine
from page_server import SlowEngine

from typebeat.engines import UNWATCHED, BeatConditions, BeatEngine, Engines, Job, NoGpuError, Stems, Stopped
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.parts import PartMissing
from typebeat.parts.stems import split_stems
from typebeat.serving.zerogpu import (
    LONGEST_SECONDS,
    POLL_SECONDS,
    OnZeroGpu,
    beat_gpu_seconds,
    cover_gpu_seconds,
    on_zerogpu,
    stems_gpu_seconds,
)
from typebeat.sound.audio import Audio

CONDITIONS = BeatConditions("a beat", 140, "F minor")


class OnGpu(SoftMaskSplitter):
    """Says that it is on a GPU, and takes as long as Stop needs to cross over."""

    device = "cuda"

    def split(self, audio: Audio, job: Job = UNWATCHED) -> Stems:
        time.sleep(2 * POLL_SECONDS)
        return super().split(audio, job)


def gpu(duration: Callable[..., float]) -> Callable[..., Any]:
    """Does what ZeroGPU's decorator does: forks, sends pickles, and turns every error into one of its own."""

    def decorate(task: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            assert duration(*args, **kwargs) > 0
            here, there = multiprocessing.get_context("fork").Pipe()

            def work() -> None:
                sent_args, sent_kwargs = pickle.loads(sent)
                try:
                    there.send(task(*sent_args, **sent_kwargs))
                except Exception:
                    there.send("GPU task aborted")

            sent = pickle.dumps((args, kwargs))
            worker = multiprocessing.get_context("fork").Process(target=work)
            worker.start()
            result = here.recv()
            worker.join()
            if isinstance(result, str):
                raise RuntimeError(result)
            return result

        return call

    return decorate


def moved(engine: BeatEngine, gpu: Callable[..., Any]) -> BeatEngine:
    return on_zerogpu(Engines(engine), gpu).beat


def test_a_beat_engine_on_zerogpu_makes_the_same_sound_and_tells_its_steps() -> None:
    steps: list[tuple[int, int]] = []
    away = moved(SlowEngine(step_s=0.01), gpu)
    heard: list[np.ndarray] = []
    (audio,) = away.generate(
        CONDITIONS,
        2.0,
        [7],
        job=Job(lambda done, needed, _: steps.append((done, needed)), hear=lambda piece: heard.append(piece.samples)),
    )
    assert len(heard) >= 1
    assert np.array_equal(heard[0], audio.samples[:, : heard[0].shape[1]])
    np.testing.assert_array_equal(audio.samples, FakeEngine().generate(CONDITIONS, 2.0, [7])[0].samples)
    assert steps == sorted(set(steps))
    assert len(steps) > 1
    assert steps[-1][0] == steps[-1][1], "the last step is told as well"


def test_stop_reaches_the_other_process() -> None:
    stop = threading.Event()
    steps: list[tuple[int, int]] = []

    def told(done: int, needed: int, doing: str) -> None:
        steps.append((done, needed))
        stop.set()

    with pytest.raises(Stopped):
        moved(SlowEngine(step_s=0.05), gpu).generate(CONDITIONS, 60.0, [7], job=Job(told, should_stop=stop.is_set))
    done, needed = steps[-1]
    assert done < needed / 2


def test_an_error_over_there_is_no_stop() -> None:
    with pytest.raises(RuntimeError, match="aborted"):
        moved(SlowEngine(), gpu).generate(BeatConditions("crash", 140, "F minor"), 2.0, [7])


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("ZeroGPU quota exceeded", "ZeroGPU quota exceeded: You have exceeded your quota. Try again in 0:12:00."),
        ("ZeroGPU worker error", "ZeroGPU worker error: You have exceeded your quota. Try again in 0:12:00."),
        ("Error", None),
    ],
)
def test_a_gpu_that_was_not_given_says_why_in_plain_text(title: str, says: str | None) -> None:
    def refusing(duration: Callable[..., float]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            raise gr.Error("You have exceeded <a href='/'>your quota</a>. Try again in 0:12:00.", title=title)

        return lambda task: call

    raised = {"ZeroGPU quota exceeded": NoGpuError, "ZeroGPU worker error": RuntimeError}.get(title, gr.Error)
    with pytest.raises(raised) as refused:
        moved(FakeEngine(), refusing).generate(CONDITIONS, 2.0, [7])
    assert says is None or str(refused.value) == says
    with pytest.raises(PartMissing if says else gr.Error):
        split_stems(
            FakeEngine().generate(CONDITIONS, 1.0, [7])[0], on_zerogpu(Engines(FakeEngine(), stems=OnGpu()), refusing)
        )


def test_only_a_splitter_on_a_gpu_is_moved_and_splits_the_same() -> None:
    (beat,) = FakeEngine().generate(CONDITIONS, 2.0, [7])
    away, here = (on_zerogpu(Engines(FakeEngine(), stems=each), gpu).stems for each in (OnGpu(), SoftMaskSplitter()))
    assert isinstance(away, OnZeroGpu)
    assert isinstance(here, SoftMaskSplitter)
    there, own = away.split(beat), here.split(beat)
    assert there.method == own.method == away.method
    for name, sound in own.sounds.items():
        np.testing.assert_array_equal(there.sounds[name].samples, sound.samples)
    with pytest.raises(Stopped):
        away.split(beat, job=Job(should_stop=lambda: True))


def test_a_cover_engine_on_zerogpu_draws_the_same() -> None:
    own, away = FakeCover(), on_zerogpu(Engines(FakeEngine(), FakeCover()), gpu).cover
    (drawn,) = away.draw("bells", "kid-cudi", [7], strength=0.5)
    np.testing.assert_array_equal(drawn, own.draw("bells", "kid-cudi", [7])[0])
    assert away.weights == own.weights


def test_the_app_runs_its_engines_in_gpu_calls_on_a_space_with_gpus_that_come_and_go_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import app

    served: list[Any] = []

    def serve(runner: Any, inbrowser: bool) -> None:
        served.append(runner.engines)
        runner.close()

    def start(app: ModuleType) -> BeatEngine:
        loaded = Engines(FakeEngine(), cover=FakeCover())
        monkeypatch.setattr("typebeat.serving.runners.load_engines", lambda settings: loaded)
        monkeypatch.setattr(
            "typebeat.page.serve", lambda runner, inbrowser: (served.append(runner.engines), runner.close())
        )
        assert app.main() == 0
        return served[-1].beat

    from typebeat.engines.beat.shelf import BeatShelf

    assert isinstance(start(app), BeatShelf)
    assert isinstance(served[-1].cover, FakeCover)
    spaces = ModuleType("spaces")
    spaces.GPU, spaces.__spec__ = gpu, ModuleSpec("spaces", None)
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    monkeypatch.setenv("SPACE_ID", "me/typebeat")
    try:
        assert isinstance(start(importlib.reload(app)), OnZeroGpu)
        assert isinstance(served[-1].cover, OnZeroGpu)
    finally:
        monkeypatch.undo()
        importlib.reload(app)


def test_the_gpu_is_asked_for_as_long_as_the_request_needs_but_not_for_ever() -> None:
    assert beat_gpu_seconds(CONDITIONS, 10.0, [7]) < beat_gpu_seconds(CONDITIONS, 30.0, [7])
    alone, four = beat_gpu_seconds(CONDITIONS, 10.0, [7]), beat_gpu_seconds(CONDITIONS, 10.0, [7, 8, 9, 10])
    assert alone < four < 4 * alone
    assert beat_gpu_seconds(CONDITIONS, 1e6, [7]) == LONGEST_SECONDS
    assert cover_gpu_seconds("bells", "kid-cudi", [7]) < cover_gpu_seconds("bells", "kid-cudi", [7, 8])
    assert cover_gpu_seconds("bells", "kid-cudi", range(1000)) == LONGEST_SECONDS
    short, long = (Audio(np.zeros(seconds), 1) for seconds in (10, 10_000))
    assert stems_gpu_seconds(short) < stems_gpu_seconds(long) == LONGEST_SECONDS
