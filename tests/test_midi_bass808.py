"""The 808 tracker: onsets and pitches in whole mixes, and nothing where there is no bass."""

from __future__ import annotations

import mir_eval
import numpy as np
import pytest

from training.starter.corpus import make_beat
from typebeat.audio import Audio
from typebeat.grid import Grid
from typebeat.midi.bass808 import bass_notes, hear_bass
from typebeat.midi.notes import Note

RATE = 44_100
DEV_SEEDS = (200_700, 200_701, 200_702)


def hz(pitch: float) -> float:
    return 440 * 2 ** ((pitch - 69) / 12)


def notes_of(samples, rate: int = RATE, grid: Grid | None = None) -> tuple[Note, ...]:
    audio = Audio(samples, rate)
    return bass_notes(hear_bass(audio), grid or Grid(120, 0.0, int(audio.seconds // 2)))


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
        0.5 * np.sin(2 * np.pi * 880 * np.arange(4 * RATE) / RATE),
        np.zeros(RATE // 10),
        np.ones(1),
    ],
    ids=["silence", "a high sine", "a tenth of a second", "one sample"],
)
def test_where_there_is_no_bass_none_is_written(samples):
    assert notes_of(samples) == ()
