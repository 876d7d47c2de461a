"""The sampling loop, on a tiny random model: same tokens as audiocraft's, and nothing of a request stays behind."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tiny_models
from tiny_models import CODEBOOKS, DARK, FRAME_RATE, LM_CONFIG, SAMPLE_RATE, WINDOW_SECONDS, changed, load, save_model

from typebeat.engines import Job, Stopped

BPM = DARK.bpm


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load(save_model(tmp_path_factory.mktemp("tiny")))


def audiocraft_greedy(engine, frames, guidance, prompt=None):
    from audiocraft.modules.conditioners import ConditioningAttributes

    asked = ConditioningAttributes(text={"description": DARK.caption, "bpm": f"{BPM:g}"})
    return engine._lm.generate(prompt, [asked], max_gen_len=frames, use_sampling=False, cfg_coef=guidance)[0]


def own_greedy(engine, frames, guidance, known=None, precision="fp32", conditions=DARK):
    import torch

    from typebeat.engines.beat.conditions import condition_tensors
    from typebeat.engines.beat.decoder import Decoder
    from typebeat.engines.beat.sampling import Sampling, Window, WindowRun

    known = torch.zeros((CODEBOOKS, 0), dtype=torch.long) if known is None else known
    sampling = Sampling(guidance, 1.0, 1, (torch.Generator(),))
    decoder = Decoder(engine._lm, precision)
    with torch.inference_mode():
        tensors = condition_tensors(engine._lm, conditions)
        window = Window(0, known.shape[1], frames)
        run = WindowRun(decoder, engine._lm, known[None], window, tensors, sampling)
        while not run.is_over:
            run.take(decoder.step_all([run.ask()])[0])
        return run.tokens()[0]


@pytest.mark.parametrize("guidance", [1.0, 3.0, 7.5])
def test_greedy_tokens_are_those_of_audiocraft(engine, guidance):
    own = own_greedy(engine, 60, guidance)
    assert own.tolist() == audiocraft_greedy(engine, 60, guidance).tolist()
    assert own.unique().numel() > 10  # a model that repeats one token would prove nothing


def test_greedy_tokens_after_a_prompt_are_those_of_audiocraft(engine):
    known = audiocraft_greedy(engine, 30, 5.0)[:, :20]
    own = own_greedy(engine, 60, 3.0, known)
    assert own.tolist() == audiocraft_greedy(engine, 60, 3.0, known[None]).tolist()
    assert own[:, :20].tolist() == known.tolist()


def test_the_same_seed_makes_the_same_audio_and_another_seed_other_audio(engine):
    first, again, other = (engine.generate(DARK, 1.0, [seed], top_k=20)[0].samples for seed in (7, 7, 8))
    assert first.tobytes() == again.tobytes()
    assert np.abs(first - other).max() > 0.01


def test_caption_tempo_and_guidance_each_change_the_audio(engine):
    asked = engine.generate(DARK, 1.0, [7], top_k=20)[0].samples
    caption = engine.generate(replace(DARK, caption="warm keys"), 1.0, [7], top_k=20)[0].samples
    tempo = engine.generate(replace(DARK, bpm=90.0), 1.0, [7], top_k=20)[0].samples
    guidance = engine.generate(DARK, 1.0, [7], top_k=20, guidance=9.0)[0].samples
    assert len({sound.tobytes() for sound in (asked, caption, tempo, guidance)}) == 4


@pytest.mark.parametrize("seconds", [0.001, 1.0, 1.2345])
def test_audio_is_float_within_one_and_at_least_as_long_as_asked(engine, seconds):
    audio = engine.generate(DARK, seconds, [1])[0]
    assert audio.sample_rate == engine.sample_rate == SAMPLE_RATE
    assert audio.samples.dtype == np.float32
    assert audio.samples.shape[0] == 1
    assert seconds * SAMPLE_RATE <= audio.length < (seconds + 2 / FRAME_RATE) * SAMPLE_RATE
    assert 0 < np.abs(audio.samples).max() <= 1


def test_a_codec_that_is_too_loud_is_turned_down_and_not_clipped(engine, monkeypatch):
    quiet = engine.generate(DARK, 1.0, [1])[0].samples
    decode = engine.codec.decode
    monkeypatch.setattr(engine.codec, "decode", lambda tokens: decode(tokens) * 100)
    loud = engine.generate(DARK, 1.0, [1])[0].samples
    assert np.abs(loud).max() == pytest.approx(1)
    np.testing.assert_allclose(loud * np.abs(quiet).max(), quiet, atol=1e-6)


def test_a_request_leaves_every_global_random_state_as_it_was(engine):
    import torch

    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tobytes()
    engine.generate(DARK, 0.5, [3])
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tobytes()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_two_threads_get_what_each_would_get_alone(engine):
    alone = {seed: engine.generate(DARK, 1.0, [seed])[0].samples.tobytes() for seed in (1, 2)}
    together: dict[int, bytes] = {}

    def request(seed: int) -> None:
        together[seed] = engine.generate(DARK, 1.0, [seed])[0].samples.tobytes()

    threads = [threading.Thread(target=request, args=(seed,)) for seed in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_a_stop_ends_the_request_at_once_and_leaves_the_next_unharmed(engine):
    untouched = engine.generate(DARK, 1.0, [5])[0].samples.tobytes()
    polls = iter(range(100))
    with pytest.raises(Stopped):
        engine.generate(DARK, 30.0, [5], job=Job(should_stop=lambda: next(polls) >= 12))
    assert next(polls) == 13  # polled once more than it was false, and never again
    assert engine.generate(DARK, 1.0, [5])[0].samples.tobytes() == untouched


def test_a_request_that_waits_for_its_turn_can_be_stopped(engine):
    from typebeat.engines.beat.admission import Claim

    polls = iter([False, False, True])
    with engine._admission.inside(Claim(kind="another"), Job()), pytest.raises(Stopped):
        engine.generate(DARK, 1.0, [5], job=Job(should_stop=lambda: next(polls)))


def test_an_error_in_the_callers_progress_leaves_the_next_request_unharmed(engine):
    untouched = engine.generate(DARK, 0.5, [5])[0].samples.tobytes()

    def broken(done: int, needed: int, doing: str) -> None:
        if done:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        engine.generate(DARK, 0.5, [5], job=Job(broken))
    assert engine.generate(DARK, 0.5, [5])[0].samples.tobytes() == untouched


@pytest.mark.parametrize("seconds", [1.0, 9.0])
def test_progress_counts_every_step_of_every_window_exactly(engine, seconds):
    from typebeat.engines.beat.sampling import plan_windows

    told: list[tuple[int, int]] = []
    polls = 0

    def count_polls() -> bool:
        nonlocal polls
        polls += 1
        return False

    engine.generate(DARK, seconds, [1], job=Job(lambda *steps: told.append(steps[:2]), count_polls))
    done, needed = zip(*told, strict=True)
    windows = plan_windows(seconds, BPM, FRAME_RATE, WINDOW_SECONDS)
    assert set(needed) == {sum(window.end - window.start - window.prompt + CODEBOOKS - 1 for window in windows)}
    assert (done[0], done[-1]) == (0, needed[0])
    assert list(done) == sorted(set(done))
    assert max(np.diff(done)) <= 8
    assert polls == needed[0] + 2  # each step, once before the turn, once after the last step


def test_a_long_song_goes_on_from_what_it_has(engine):
    from typebeat.engines.beat.sampling import plan_windows

    def draw(seconds: float) -> np.ndarray:
        tokens = engine.generate(DARK, seconds, [1], top_k=20)[0].tokens
        assert tokens is not None
        return tokens

    song = draw(12.0)
    assert song.shape == (CODEBOOKS, 12 * FRAME_RATE)
    assert song.min() >= 0
    assert song.max() < tiny_models.CARDINALITY
    first = plan_windows(12.0, BPM, FRAME_RATE, WINDOW_SECONDS)[0]
    assert np.array_equal(song[:, : first.end], draw(first.end / FRAME_RATE))
    assert engine.generate(DARK, 12.0, [1], top_k=20)[0].seconds == pytest.approx(12.0)


@pytest.mark.parametrize("bpm", [70.0, 97.3, 140.0, 170.0])
@pytest.mark.parametrize("seconds", [31.0, 64 * 240 / 70])
def test_windows_begin_and_end_on_bar_lines_and_see_half_a_window_of_whole_bars(bpm, seconds):
    from typebeat.engines.beat.sampling import plan_windows

    bar = 240 / bpm * FRAME_RATE
    windows = plan_windows(seconds, bpm, FRAME_RATE, 30.0)
    assert windows[0].start == windows[0].prompt == 0
    assert windows[-1].end == int(np.ceil(seconds * FRAME_RATE))
    for before, window in pairwise(windows):
        assert before.end == window.start + window.prompt < window.end
        for line in (window.start, before.end):
            assert abs(line / bar - round(line / bar)) * bar <= 0.5  # rounded to a frame, never drifting
        assert round(window.prompt / bar) == int(15 // (240 / bpm))
    assert all(window.end - window.start <= 30 * FRAME_RATE for window in windows)


@pytest.mark.parametrize(
    ("max_seconds", "line"), [(5.0, 60 / 70), (1.0, 1 / FRAME_RATE), (2 / FRAME_RATE, 1 / FRAME_RATE)]
)
def test_windows_too_short_for_two_bars_keep_to_beats_or_frames(max_seconds, line):
    from typebeat.engines.beat.sampling import plan_windows

    windows = plan_windows(8.0, 70.0, FRAME_RATE, max_seconds)
    assert windows[-1].end == 8 * FRAME_RATE
    for window in windows[1:]:
        assert 0 < window.prompt < window.end - window.start <= max_seconds * FRAME_RATE
        lines = window.start / FRAME_RATE / line
        assert abs(lines - round(lines)) * line * FRAME_RATE <= 0.5 + 1e-9


def test_a_model_that_follows_the_grid_is_told_where_each_window_begins(engine, tmp_path, monkeypatch):
    from typebeat.engines.beat import starter_conditions
    from typebeat.engines.beat.sampling import plan_windows

    grid = {"grid": {"model": "lut", "lut": {"n_bins": 128, "dim": 16, "tokenizer": "noop"}}}
    config = changed(LM_CONFIG, conditioners=grid, fuser={"prepend": ["bpm", "grid"]})
    told: list[tuple[float, float]] = []
    monkeypatch.setattr(starter_conditions, "grid_text", lambda bpm, start: told.append((bpm, start)) or "here")
    load(save_model(tmp_path, config)).generate(DARK, 6.0, [1])
    windows = plan_windows(6.0, BPM, FRAME_RATE, WINDOW_SECONDS)
    assert told == [(BPM, window.start / FRAME_RATE) for window in windows]
    assert len(told) > 1


def test_a_song_that_fits_is_one_window():
    from typebeat.engines.beat.sampling import Window, plan_windows

    assert plan_windows(30.0, 140, FRAME_RATE, 30.0) == [Window(0, 0, 1500)]


def test_sampling_keeps_to_the_likeliest_tokens_and_follows_temperature(engine):
    import torch

    from typebeat.engines.beat.sampling import Sampling, draw_tokens

    logits = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05])).repeat(1, 4000, 1)

    def shares(temperature: float, top_k: int) -> list[float]:
        drawn = draw_tokens(logits, Sampling(3.0, temperature, top_k, (torch.Generator().manual_seed(0),)))[0]
        return (torch.bincount(drawn, minlength=4) / len(drawn)).tolist()

    assert shares(1.0, 2048) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)
    assert shares(1.0, 2) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)
    assert shares(0.1, 250)[0] > 0.98
    assert shares(1.0, 1) == [1, 0, 0, 0]


def test_weights_that_give_no_numbers_are_told_by_name(engine, monkeypatch):
    decode = engine.codec.decode
    with monkeypatch.context() as patch:
        patch.setattr(engine.codec, "decode", lambda tokens: decode(tokens) * float("nan"))
        with pytest.raises(RuntimeError, match="codec decoded NaN"):
            engine.generate(DARK, 0.5, [1])
    with monkeypatch.context() as patch:
        patch.setattr(engine.codec, "decode", lambda tokens: decode(tokens)[..., :100])
        with pytest.raises(RuntimeError, match="decoded 100 samples where 8000"):
            engine.generate(DARK, 0.5, [1])
    step = engine._decoder.step_all
    with monkeypatch.context() as patch:
        patch.setattr(engine._decoder, "step_all", lambda asks: [logits / 0 for logits in step(asks)])
        with pytest.raises(RuntimeError, match="language model gave NaN"):
            engine.generate(DARK, 0.5, [1])
    assert engine.generate(DARK, 0.5, [1])[0].length
