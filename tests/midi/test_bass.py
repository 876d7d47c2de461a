"""The 808 tracker: onsets, pitches and glides, with a kick on top, and nothing where there is no bass."""

from __future__ import annotations

from itertools import pairwise

import mir_eval
import numpy as np
import pytest

from training.starter.simple_corpus.beats import make_beat
from typebeat.hearing.grid import Grid
from typebeat.hearing.strikes import BANDS, HEARD, Struck, hear_struck
from typebeat.midi.bass import BassTrack, bass_notes, hear_bass
from typebeat.midi.bass_reader import STEPS, WINDOWS
from typebeat.midi.notes import Note
from typebeat.sound.audio import Audio

RATE = 44_100
DEV_SEEDS = (200_700, 200_701, 200_702)


def hz(pitch: float) -> float:
    return 440 * 2 ** ((pitch - 69) / 12)


def bass(pitch: float, seconds: float, glide_to: float | None = None) -> np.ndarray:
    """A decaying sine with a short drop at its start; a glide lies in the middle."""
    time = np.arange(round(seconds * RATE)) / RATE
    course = pitch + 4 * np.exp(-time / 0.015)
    if glide_to is not None:
        course = course + (glide_to - pitch) * np.clip((time - 0.5 * seconds) / (0.15 * seconds), 0, 1)
    fade = np.clip((seconds - time) / 0.02, 0, 1) * np.clip(time / 0.003, 0, 1)
    return np.tanh(1.5 * np.sin(2 * np.pi * np.cumsum(hz(course)) / RATE)) * np.exp(-time) * fade


def line(*pitches: float, seconds: float = 1.0) -> np.ndarray:
    return 0.6 * np.concatenate([bass(pitch, seconds) for pitch in pitches])


def notes_of(samples, rate: int = RATE, grid: Grid | None = None) -> tuple[Note, ...]:
    audio = Audio(samples, rate)
    return bass_notes(hear_bass(audio, hear_struck(audio)), grid or Grid(120, 0.0, int(audio.seconds // 2)))


def test_notes_from_c1_to_c3_are_found_at_their_time_and_pitch():
    pitches = [24, 28, 31, 36, 40, 43, 48, 29]
    notes = notes_of(line(*pitches))
    assert [note.pitch for note in notes] == pitches
    assert [note.onset for note in notes] == pytest.approx(range(8), abs=0.03)


def test_one_note_sounds_at_a_time():
    notes = notes_of(line(*[28, 28, 31, 33] * 3, seconds=0.4))
    assert len(notes) == pytest.approx(12, abs=1)
    assert all(a.offset <= b.onset for a, b in pairwise(notes))


def test_whole_mixes_of_the_corpus_give_most_notes_with_their_pitch():
    scores = []
    for seed in DEV_SEEDS:
        beat = make_beat(seed, 8)
        heard = notes_of(beat.mix, beat.sample_rate, Grid(beat.score.bpm, 0.0, 8, beat.score.swing))
        true = beat.truth["808"]
        spans = [np.array([[n.onset, n.offset] for n in part]).reshape(-1, 2) for part in (true, heard)]
        tones = [np.array([hz(n.pitch) for n in part]) for part in (true, heard)]
        scores.append(
            mir_eval.transcription.precision_recall_f1_overlap(
                spans[0], tones[0], spans[1], tones[1], offset_ratio=None
            )[2]
        )
    assert np.mean(scores) > 0.8


def test_a_glide_is_one_note_that_says_where_it_goes():
    sound = np.concatenate([bass(36, 1.0), bass(31, 1.0, glide_to=43), bass(36, 1.0), bass(31, 1.0, glide_to=43)])
    glides = [note for note in notes_of(0.6 * sound) if note.glide_to is not None]
    assert [(note.pitch, note.glide_to) for note in glides] == [(31, 43), (31, 43)]
    for note, start in zip(glides, (1.0, 3.0), strict=True):
        assert start + 0.35 < note.glide_at < start + 0.75


def test_a_kick_without_a_bass_is_no_808():
    time = np.arange(round(0.25 * RATE)) / RATE
    kick = np.sin(2 * np.pi * np.cumsum(52 + 180 * np.exp(-time / 0.02)) / RATE) * np.exp(-time / 0.06)
    sound = np.zeros(8 * RATE)
    for start in range(0, 8 * RATE, RATE // 2):
        sound[start : start + len(kick)] += 0.8 * kick
    assert len(notes_of(sound)) <= 2


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(4 * RATE),
        0.3 * np.random.default_rng(0).standard_normal(4 * RATE),
        0.5 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE),
        np.full(4 * RATE, 0.5),
        np.zeros(RATE // 10),
        np.ones(1),
    ],
    ids=["silence", "noise", "a high sine", "direct current", "a tenth of a second", "one sample"],
)
def test_where_there_is_no_bass_none_is_written(samples):
    assert notes_of(samples) == ()


def test_any_activations_give_notes_that_last_one_at_a_time():
    rng = np.random.default_rng(0)
    for _ in range(12):
        frames = int(rng.integers(2, 900))
        sure = (rng.random((2 * frames, len(HEARD))) ** 4).astype(np.float32)
        levels = (rng.random((2 * frames, BANDS)) ** 8).astype(np.float32)
        centres = rng.integers(0, 381) + np.linspace(0, rng.integers(-150, 150), frames)[:, None]
        strength = np.exp(-(((np.arange(381) - centres) / 10) ** 2)).astype(np.float32)
        lows = tuple(rng.uniform(-90, 0, (frames, len(STEPS))).astype(np.float16) for _ in WINDOWS)
        track = BassTrack(Struck(sure, levels), lows, strength)
        notes = bass_notes(track, Grid(float(rng.uniform(40, 240)), 0.3, 4))
        assert all(note.onset < note.offset for note in notes)
        assert all(note.onset < note.glide_at < note.offset for note in notes if note.glide_to is not None)
        assert all(a.offset <= b.onset + 1e-9 for a, b in pairwise(notes))
