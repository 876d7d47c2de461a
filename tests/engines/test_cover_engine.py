"""Diffusion pipelines draw covers: adapters by style, seeds, Stop, little memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from limits import within

from benchmarks import tiny_covers
from benchmarks.tiny_covers import save_lora, save_tiny
from typebeat.engines import Job, Stopped, Weights, WeightsError
from typebeat.engines.cover.drawing import IN_SLICES
from typebeat.engines.cover.files import SPEED
from typebeat.engines.cover.loading import load_cover
from typebeat.engines.cover.plans import SPEED_PLAN

PROMPT = "album cover art, a full moon, black and red palette"
STYLE, OTHER = "kid-cudi", "don-toliver"


def weights_of(name):
    return Weights(name, "folder", "", "", "cpu", "")


@pytest.fixture(scope="module", params=["sd", "sdxl"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def saved(kind, tmp_path_factory):
    """A pipeline with two style adapters and one for speed."""
    base = save_tiny(tmp_path_factory.mktemp("tiny") / kind, kind)
    for seed, style in enumerate((STYLE, OTHER, SPEED), start=1):
        save_lora(base / "lora" / style, base, kind, seed, stated=kind)
    return base


@pytest.fixture(scope="module")
def engine(kind, saved):
    return load_cover(saved, weights_of(kind), {style: saved / "lora" / style for style in (STYLE, OTHER)})


def test_a_picture_is_square_and_the_same_for_the_same_seed_whatever_else_is_drawn(engine):
    first, second = engine.draw(PROMPT, STYLE, [1, 2])
    assert first.shape == (tiny_covers.SIDE, tiny_covers.SIDE, 3)
    assert first.dtype == np.uint8
    assert (first != second).any()
    assert (engine.draw(PROMPT, STYLE, [2])[0] == second).all()


def test_each_style_has_its_adapter_and_strength_is_its_weight(engine):
    bare = engine.draw(PROMPT, STYLE, [1], strength=0)[0].astype(int)
    apart = {s: np.abs(engine.draw(PROMPT, STYLE, [1], strength=s)[0] - bare).mean() for s in (0.1, 1.0)}
    assert 0 < apart[0.1] < apart[1.0]
    assert (engine.draw(PROMPT, OTHER, [1])[0] != engine.draw(PROMPT, STYLE, [1])[0]).any()
    assert (engine.draw(PROMPT, OTHER, [1], strength=0)[0] == bare).all()
    assert (engine.draw(PROMPT, "travis-scott", [1])[0] == bare).all()  # it has none
    assert "Travis Scott" in engine.weights.notice


def test_switching_adapters_takes_no_reload(engine):
    with within(10 * 0.2):
        for style in (STYLE, OTHER) * 5:
            engine.use_adapter(style, 1.0)


def test_a_speed_adapter_is_stacked_under_the_style_and_needs_few_steps(kind, saved, engine):
    adapters = {style: saved / "lora" / style for style in (STYLE, SPEED)}
    fast = load_cover(saved, weights_of(kind), adapters)
    assert fast.plan == SPEED_PLAN
    assert type(fast._pipe.scheduler).__name__ == "LCMScheduler"
    assert type(engine._pipe.scheduler).__name__ == "DPMSolverMultistepScheduler"
    fast.use_adapter(STYLE, 0.5)
    assert fast._pipe.get_active_adapters() == [SPEED, STYLE]
    fast.use_adapter(STYLE, 0)
    assert fast._pipe.get_active_adapters() == [SPEED]


def test_progress_counts_the_steps_of_all_pictures(engine):
    seen = []
    engine.draw(PROMPT, STYLE, [1, 2], job=Job(lambda done, needed, _: seen.append((done, needed))))
    steps = engine.plan.steps
    assert seen[0] == (0, 2 * steps)
    assert seen[-1] == (2 * steps, 2 * steps)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_stop_is_heard_within_a_step_and_the_next_request_draws(engine):
    done = []
    with pytest.raises(Stopped):
        engine.draw(PROMPT, STYLE, [1], job=Job(lambda d, *_: done.append(d), lambda: len(done) > 3))
    assert max(done) == 3
    assert len(engine.draw(PROMPT, STYLE, [1])) == 1


def test_where_memory_is_short_it_says_so_and_tries_slices_once(kind, saved, monkeypatch):
    engine = load_cover(saved, weights_of(kind), {})
    whole, asked = engine._pipe, []

    def drawn_if(allowed):
        def call(*args, **kwargs):
            asked.append(1)
            if len(asked) not in allowed:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return pipeline(whole, *args, **kwargs)

        return call

    pipeline = type(whole).__call__
    monkeypatch.setattr(type(whole), "__call__", lambda _, *args, **kwargs: drawn_if({2})(*args, **kwargs))
    assert len(engine.draw(PROMPT, STYLE, [1])) == 1
    assert IN_SLICES in engine.weights.notice
    asked[:] = [1, 1]
    with pytest.raises(WeightsError, match="memory does not suffice"):
        engine.draw(PROMPT, STYLE, [1])
    assert len(asked) == 3
