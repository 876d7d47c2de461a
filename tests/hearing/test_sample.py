"""What a sample is: tempo, bars, tuning and held parts of sounds whose truth is known, and the user's corrections."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.hearing.sample import corrected, hear_sample
from typebeat.hearing.tuning import measure_tuning
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio

RATE = 22_050


def plucks(bpm: float, bars: int, cents: float = 0.0, *, lead: float = 0.0, tail: float = 0.0) -> Audio:
    """Chords of A minor and F major, struck on each eighth; the first of a bar louder and lower."""
    beat = 60 / bpm
    samples = np.zeros(round((lead + bars * 4 * beat + tail) * RATE) + RATE, np.float32)
    for step in range(bars * 8):
        at = round((lead + step * beat / 2) * RATE)
        chord = (57, 60, 64) if (step // 8) % 2 == 0 else (53, 57, 60)
        time = np.arange(round(beat / 2 * RATE) + 2000) / RATE
        for pitch in (*chord, *((chord[0] - 12,) if step % 8 == 0 else ())):
            hz = 440 * 2 ** ((pitch - 69 + cents / 100) / 12)
            loud = 0.15 if step % 8 == 0 else 0.07
            for order, level in ((1, 1.0), (2, 0.4), (3, 0.2)):
                wave = loud * level * np.sin(2 * np.pi * hz * order * time) * np.exp(-4 * time)
                samples[at : at + len(time)] += wave.astype(np.float32)
    return Audio(samples[: round((lead + bars * 4 * beat + tail) * RATE)], RATE)


@pytest.mark.parametrize("bpm", [83.7, 97.3, 121.9])
def test_a_loop_of_whole_bars_tells_its_tempo_exactly(bpm):
    heard = hear_sample(plucks(bpm, 4))
    assert heard.grid.bpm in (pytest.approx(bpm, rel=1e-4), pytest.approx(2 * bpm, rel=1e-4))
    assert (heard.is_loop, heard.grid.downbeat) == (True, 0.0)
    assert heard.steady


def test_a_tempo_that_is_known_is_kept_exactly():
    heard = hear_sample(plucks(97.3, 4), bpm=97.25)
    assert (heard.grid.bpm, heard.grid.bars) == (97.25, 4)


@pytest.mark.parametrize("cents", [-44, -20, 0, 13, 40])
def test_the_tuning_is_heard_within_three_cents(cents):
    tuning = measure_tuning(plucks(100, 2, cents))
    assert abs((tuning.cents - cents + 50) % 100 - 50) < 3
    assert tuning.sure > 0.3


def test_noise_and_silence_have_no_tuning():
    rng = np.random.default_rng(3)
    assert measure_tuning(Audio(rng.standard_normal(2 * RATE) * 0.1, RATE)).sure < 0.25
    assert measure_tuning(Audio(np.zeros(RATE), RATE)).sure == 0


def test_plucked_chords_hold_no_drums():
    assert "drums" not in hear_sample(plucks(100, 4)).holds


def test_the_user_corrects_tempo_downbeat_and_key():
    heard = hear_sample(plucks(100, 4), bpm=100)
    faster = corrected(heard, tempo="x2", key="Fm")
    assert (faster.grid.bpm, faster.grid.bars, faster.key, faster.sure_of_key) == (200, 8, "F minor", 1)
    later = corrected(heard, shift_beats=1)
    assert later.grid.downbeat == pytest.approx(0.6)
    assert later.grid.bars == 3
    assert corrected(later, shift_beats=-1).grid.downbeat == pytest.approx(0, abs=1e-9)
    assert corrected(heard, tempo="/2").grid.bars == 2
    assert any("x2" in line for line in faster.lines())
    with pytest.raises(RequestError, match="x2 or /2"):
        corrected(heard, tempo="x3")
    with pytest.raises(RequestError, match="is unknown"):
        corrected(heard, key="H minor")
