"""Melody and chords out of what was heard: pitch, place, length and loudness, two parts, one key."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.hearing.grid import Grid
from typebeat.midi.activations import PitchActivations, TunedSound, pitch_levels
from typebeat.midi.evidence import PITCHES, SLOTS_PER_BAR, evidence, other_bars, slot_times
from typebeat.midi.melody import melody_and_chords
from typebeat.midi.note_reader import read_notes
from typebeat.midi.notes import Note
from typebeat.sound.audio import Audio

RATE = 44_100
GRID = Grid(120.0, 0.0, 4)
TRIADS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))  # Am F C G, a bar each
TUNE = ((0, 76), (3, 74), (6, 72), (8, 79), (12, 76))  # sixteenth of the bar, pitch


def tone(pitch: int, seconds: float, level: float, fall: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hz * k * time) / k**1.5 for k in range(1, 6))
    ends = np.clip(time / 0.003, 0, 1) * np.clip((seconds - time) / 0.02, 0, 1)
    return level * wave * np.exp(-fall * time) * ends


def beat() -> tuple[Audio, list[Note], list[Note]]:
    """Four bars with kick, hat, chords and a plucked tune, and the notes of tune and chords."""
    mix = np.zeros(round(GRID.end * RATE) + RATE)
    tune, chords = [], []

    def add(onset: float, sound: np.ndarray) -> None:
        start = round(onset * RATE)
        mix[start : start + len(sound)] += sound

    for bar in range(GRID.bars):
        at = bar * GRID.bar_seconds
        for pitch in TRIADS[bar]:
            add(at, tone(pitch, 1.95, 0.1, 0.5))
            chords.append(Note(at, at + 1.95, pitch, 90))
        for step, pitch in TUNE:
            onset = at + step * GRID.sixteenth_seconds
            add(onset, tone(pitch, 0.3, 0.25, 4))
            tune.append(Note(onset, onset + 0.3, pitch, 100))
    noise = np.random.default_rng(0).standard_normal(RATE)
    for eighth in range(32):
        time = np.arange(4000) / RATE
        add(eighth * 0.25, 0.05 * noise[:4000] * np.exp(-time * 80))
        if eighth % 4 == 0:
            add(eighth * 0.25, 0.5 * np.sin(2 * np.pi * 50 * time + 6 * np.exp(-time * 50)) * np.exp(-time * 20))
    return Audio(mix[: round(GRID.end * RATE)], RATE), tune, chords


def listened(audio: Audio) -> TunedSound:
    rest = SoftMaskSplitter().split(audio).sounds["other"]
    network = BasicPitch()
    heard = network.listen(rest)
    return TunedSound(heard, network.listen(audio), pitch_levels(rest, heard))


@pytest.fixture(scope="module")
def sound() -> TunedSound:
    return listened(beat()[0])


def found(notes, truth) -> float:
    """F1 of notes by onset within 50 ms and pitch."""
    hits = sum(any(n.pitch == t.pitch and abs(n.onset - t.onset) <= 0.05 for n in notes) for t in truth)
    return 2 * hits / max(1, len(notes) + len(truth))


def test_melody_and_chords_are_read_from_a_whole_beat(sound):
    _, tune, chords = beat()
    melody, harmony = melody_and_chords(sound, GRID, "A minor", snap=True)
    assert found([*melody, *harmony], [*tune, *chords]) > 0.85
    assert found(melody, tune) > 0.8
    assert found(harmony, chords) > 0.7


def test_the_melody_is_one_voice_and_notes_last_about_as_long_as_they_sound(sound):
    melody, harmony = melody_and_chords(sound, GRID, "A minor", snap=True)
    assert all(after.onset >= note.offset for note, after in pairwise(melody))
    assert np.median([note.offset - note.onset for note in harmony]) > 1.2
    assert 0.1 < np.median([note.offset - note.onset for note in melody]) < 0.5
    assert all(30 <= note.velocity <= 127 for note in [*melody, *harmony])


def test_a_louder_passage_has_higher_velocities():
    audio, _, _ = beat()
    gain = np.where(np.arange(audio.length) < audio.length // 2, 0.3, 1.0)
    melody, _ = melody_and_chords(listened(Audio(audio.samples * gain, RATE)), GRID, "A minor", snap=True)
    half = GRID.end / 2
    soft = [note.velocity for note in melody if note.onset < half - 0.01]
    hard = [note.velocity for note in melody if note.onset > half - 0.01]
    assert np.median(hard) > np.median(soft) + 8


def test_sensitivity_finds_more_notes_and_none_are_lost(sound):
    counts = []
    for sensitivity in (0.0, 0.5, 1.0):
        melody, harmony = melody_and_chords(sound, GRID, "A minor", snap=False, sensitivity=sensitivity)
        counts.append(len(melody) + len(harmony))
    assert counts[0] <= counts[1] <= counts[2]
    assert counts[0] < counts[2]


def test_key_snap_leaves_no_weak_note_outside_the_key(sound):
    wild = melody_and_chords(sound, GRID, "D# minor", snap=False, sensitivity=1.0)
    tame = melody_and_chords(sound, GRID, "D# minor", snap=True, sensitivity=1.0)
    of_key = {(3 + step) % 12 for step in (0, 2, 3, 5, 7, 8, 10)}
    outside = [sum(note.pitch % 12 not in of_key for part in each for note in part) for each in (wild, tame)]
    assert outside[1] < outside[0]
    assert outside[1] > 0  # certain notes stay where they are, whatever the key is said to be


def test_noise_and_silence_hold_no_notes_worth_speaking_of():
    noise = Audio(0.3 * np.random.default_rng(1).standard_normal(8 * RATE), RATE)
    melody, harmony = melody_and_chords(listened(noise), GRID, "", snap=True)
    assert len(melody) + len(harmony) <= 4
    melody, harmony = melody_and_chords(listened(Audio(np.zeros(8 * RATE), RATE)), GRID, "", snap=True)
    assert len(melody) + len(harmony) == 0


def test_evidence_has_a_row_for_each_sixteenth_even_of_a_sound_shorter_than_a_bar():
    empty = np.zeros((20, 88), np.float32)
    heard = PitchActivations(empty, empty, 0.0116)
    for grid in (Grid(90.0, 0.3, 0), Grid(90.0, 0.3, 3, swing=0.6)):
        numbers = evidence(TunedSound(heard, heard, empty - 60), grid)
        assert numbers.shape[:2] == (max(1, grid.bars) * SLOTS_PER_BAR, PITCHES)
        assert np.isfinite(numbers).all()
        assert np.isfinite(read_notes(numbers).begins).all()


def test_sixteenths_swing_and_other_bars_leave_the_own_bar_out():
    times = slot_times(Grid(120.0, 0.5, 2, swing=0.6))
    assert times[:4] == pytest.approx([0.5, 0.65, 0.75, 0.9])
    values = np.repeat(np.arange(4.0), SLOTS_PER_BAR)[:, None]
    assert other_bars(values, 1)[::SLOTS_PER_BAR, 0] == pytest.approx([2, 5 / 3, 4 / 3, 1])
    assert other_bars(values, 2)[::SLOTS_PER_BAR, 0] == pytest.approx([2, 3, 0, 1])
