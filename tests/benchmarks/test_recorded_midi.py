"""Recorded drums that MIDI is measured on: what is known of them sounds where it is, what can't be told counts not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from benchmarks import own_sound_cases, recorded_kits, recorded_loops, recorded_midi
from benchmarks.note_scores import Tally
from benchmarks.recorded_kits import RecordedBeat, make_recorded_beat
from benchmarks.recorded_loops import LOOPS, make_chopped, read_loop
from benchmarks.recorded_sound import RATE, WORN, at_speed, worn
from training.starter.listening.gm_beats import FONTS
from training.starter.listening.sampled_sounds import DRUM_SETS, KITS, RECORDED, UNSTRUCK
from typebeat.sound.audio import Audio

needs_kits = pytest.mark.skipif(
    not recorded_kits.is_installed(), reason=f"{recorded_midi.PACKAGES['recorded kits']} is not installed"
)
needs_loops = pytest.mark.skipif(not recorded_loops.is_installed(), reason="needs Debian's sonic-pi-samples")


def rise_db(audio: Audio, at: float) -> float:
    """Returns how much louder 40 ms from an onset are than 40 ms before it, in the band where that is most."""
    n, start = round(0.04 * audio.sample_rate), round(at * audio.sample_rate)
    samples = np.pad(audio.samples[0], (2 * n, 2 * n))
    before, after = (
        np.abs(np.fft.rfft(samples[2 * n + at : 3 * n + at] * np.hanning(n))) ** 2
        for at in (start - n - n // 4, start - n // 8)
    )
    edges = np.geomspace(1, len(before), 12).astype(int)
    bands = [(before[a:b].sum(), after[a:b].sum()) for a, b in pairwise(edges) if b > a]
    return max(10 * np.log10((late + 1e-9) / (early + 1e-9)) for early, late in bands)


@pytest.mark.parametrize("kind", WORN)
def test_a_worn_click_stays_where_it_is_and_no_sample_is_lost(kind):
    clicks = np.zeros(2 * RATE)
    clicks[[RATE // 2, RATE]] = 1
    sound = np.abs(worn(clicks, kind, np.random.default_rng(1)))
    assert len(sound) == len(clicks)
    assert sound.max() == pytest.approx(0.9)
    for place in (RATE // 2, RATE):
        near = sound[place - RATE // 20 : place + RATE // 20]
        assert abs(int(np.argmax(near)) - RATE // 20) < 0.005 * RATE


def test_twice_the_speed_is_half_the_length_and_an_octave_higher():
    time = np.arange(RATE) / RATE
    fast = at_speed(np.sin(2 * np.pi * 500 * time), 2.0)
    assert len(fast) == pytest.approx(RATE / 2, abs=2)
    assert np.argmax(np.abs(np.fft.rfft(fast, RATE))) == pytest.approx(1000, abs=2)


def test_nothing_that_is_measured_was_learnt_from():
    assert recorded_kits.FONT not in {*FONTS, *(font for font, _ in DRUM_SETS)}
    assert recorded_kits.FONT == own_sound_cases.FONT
    assert not set(recorded_kits.KITS) & set(KITS)
    learnt = tuple(beginning for each in RECORDED.values() for beginning in each) + UNSTRUCK
    assert not any(f"loop_{name}".startswith(learnt) for name in LOOPS)


def test_every_groove_is_sixteen_sixteenths_and_has_a_kick_and_a_backbeat():
    for groove in recorded_kits.GROOVES:
        assert {len(steps) for steps in groove.values()} == {16}
        assert "X" in groove["kick"]
        assert "X" in groove["snare"] + groove.get("clap", "")


def test_what_nobody_can_tell_is_neither_right_nor_wrong():
    beat = RecordedBeat(
        Audio(np.zeros((1, RATE), np.float32), RATE), 120, 1, {"snare": [0.5]}, {"snare": [1.0]}, ("snare",), True, ""
    )
    tally = Tally()
    recorded_midi.count_group("snare", beat, [0.51, 1.02, 1.5], tally)
    assert tally.figures()["precision_snare"] == 0.5
    assert tally.figures()["recall_snare"] == 1


def test_a_package_that_is_missing_costs_its_columns_and_no_error(monkeypatch):
    monkeypatch.setattr(recorded_kits, "is_installed", lambda: False)
    monkeypatch.setattr(recorded_loops, "is_installed", lambda: False)
    monkeypatch.setattr(recorded_midi.shutil, "which", lambda name: None)
    said = []
    assert recorded_midi.measure_recorded(quick=True, say=said.append) == {}
    assert [line.split(":")[0] for line in said] == ["recorded kits", "CC0 loops", "chopped loops", "speech"]


@needs_kits
def test_a_recorded_beat_is_the_same_again_and_sounds_where_its_hits_are():
    for index in (0, 6):  # speed 0.94, and a dry one with bass and keys
        beat, again = make_recorded_beat(index), make_recorded_beat(index)
        assert np.array_equal(beat.audio.samples, again.audio.samples)
        assert beat.audio.seconds == pytest.approx(beat.bars * 240 / beat.bpm, abs=0.01)
        rises = [rise_db(beat.audio, at) for at in beat.hits["kick"] + beat.hits["snare"]]
        assert np.median(rises) > 10
        assert np.median([rise_db(beat.audio, at + 0.06) for at in beat.hits["kick"]]) < np.median(rises) - 6


@needs_kits
def test_kicks_fall_under_snares_on_the_same_sample():
    beats = [make_recorded_beat(index) for index in range(8)]
    assert any(set(beat.hits["kick"]) & set(beat.hits["snare"]) for beat in beats)


@needs_loops
@pytest.mark.parametrize("name", [name for name, loop in LOOPS.items() if loop.hits])
def test_a_loop_has_whole_bars_and_sounds_where_its_hits_are(name):
    beat = read_loop(name)
    assert beat.audio.seconds == pytest.approx(beat.bars * 240 / beat.bpm, rel=1e-3)
    assert all(0 <= at < beat.audio.seconds for each in beat.hits.values() for at in each)
    assert np.median([rise_db(beat.audio, at) for each in beat.hits.values() for at in each]) > 8


@needs_loops
def test_a_chopped_loop_fills_its_bars_and_sounds_where_its_hits_are():
    for index in (0, 1, 2):
        beat = make_chopped(index)
        assert beat.audio.seconds == pytest.approx(beat.bars * 240 / beat.bpm, abs=0.01)
        assert np.median([rise_db(beat.audio, at) for at in beat.hits["kick"] + beat.hits["snare"]]) > 8
