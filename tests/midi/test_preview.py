"""The preview synth: each note sounds when, as high and as loud as it is written."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.hearing.grid import Grid
from typebeat.midi.notes import CLOSED_HAT, DRUM_PITCHES, KICK, MidiPart, Note
from typebeat.midi.preview import render_preview

GRID = Grid(120.0, 0.25, 2)


def played(name: str, *notes: Note) -> tuple[np.ndarray, int]:
    audio = render_preview([MidiPart(name, notes)], GRID)
    return audio.samples[0], audio.sample_rate


def loudest_hz(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def test_it_is_as_long_as_the_sound_it_is_laid_beside():
    samples, rate = played("melody", Note(0.5, 1.0, 60, 100))
    assert len(samples) == round(GRID.end * rate)


@pytest.mark.parametrize("name", ["808", "melody", "chords"])
def test_a_note_sounds_in_its_time_at_its_pitch(name):
    pitch = 45 if name == "808" else 69
    samples, rate = played(name, Note(1.0, 2.0, pitch, 100))
    assert not samples[: rate - 1].any()
    assert not samples[round(2.05 * rate) :].any()
    assert loudest_hz(samples[rate : 2 * rate], rate) == pytest.approx(440 * 2 ** ((pitch - 69) / 12), rel=0.01)


def test_a_harder_note_is_louder():
    soft, _ = played("melody", Note(0.5, 1.0, 69, 40))
    hard, _ = played("melody", Note(0.5, 1.0, 69, 120))
    assert np.abs(hard).max() == pytest.approx(3 * np.abs(soft).max(), rel=0.01)


def test_an_808_glides_to_its_second_pitch():
    samples, rate = played("808", Note(0.5, 2.5, 40, 100, glide_to=52, glide_at=1.5))
    assert loudest_hz(samples[round(0.5 * rate) : round(1.4 * rate)], rate) == pytest.approx(82.4, rel=0.03)
    assert loudest_hz(samples[round(1.7 * rate) : round(2.4 * rate)], rate) == pytest.approx(164.8, rel=0.03)


def test_drums_differ_and_a_kick_is_low():
    sounds = {pitch: played("drums", Note(0.5, 0.56, pitch, 100))[0] for pitch in DRUM_PITCHES.values()}
    assert all(np.abs(sound).max() > 0.05 for sound in sounds.values())
    kick, hat = (np.abs(np.fft.rfft(sounds[pitch])) for pitch in (KICK, CLOSED_HAT))
    hz = np.fft.rfftfreq(len(sounds[KICK]), 1 / 22_050)
    assert (hz @ kick) / kick.sum() < 1500 < (hz @ hat) / hat.sum()


def test_a_full_beat_does_not_clip_and_nothing_is_silence():
    crowd = [Note(0.25, 2.0, pitch, 127) for pitch in range(48, 72)]
    assert np.abs(played("chords", *crowd)[0]).max() <= 0.9 + 1e-6
    assert not played("melody")[0].any()


def test_a_note_past_the_end_is_cut():
    samples, _ = played("melody", Note(GRID.end - 0.1, GRID.end + 3, 69, 100), Note(GRID.end + 1, GRID.end + 2, 69, 9))
    assert np.isfinite(samples).all()
