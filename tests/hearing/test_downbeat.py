"""The first of a bar: what tells it, and how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.hearing.chroma import hear_chroma
from typebeat.hearing.downbeat import find_downbeat
from typebeat.hearing.onsets import hear_onsets
from typebeat.hearing.tempo import Pulse
from typebeat.sound.audio import Audio

RATE, BPM = 44_100, 100.0
BAR = 240 / BPM


def drums(kicks, snares, first, bars=6):
    """Kick and snare on sixteenths of bars, the first of which begins after `first` seconds, and hats on eighths."""
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 1e-4, round((bars * BAR + first) * RATE))
    since = np.arange(6_000) / RATE
    kick = np.sin(2 * np.pi * 55 * since) * np.exp(-since * 15)
    snare = np.convolve(rng.standard_normal(6_000), np.ones(4) / 4, "same") * np.exp(-since * 20)
    hat = np.diff(rng.standard_normal(6_001)) * np.exp(-since * 120)
    for bar in range(-1, bars):
        for sound, gain, places in ((kick, 0.8, kicks), (snare, 0.4, snares), (hat, 0.1, range(0, 16, 2))):
            for place in places:
                at = round((first + (bar + place / 16) * BAR) * RATE)
                if 0 <= at < len(samples):
                    samples[at : at + len(sound)] += (gain * sound)[: len(samples) - at]
    return Audio(samples, RATE)


def heard(audio, phase=0.0):
    return find_downbeat(hear_onsets(audio), hear_chroma(audio), Pulse(BPM, phase % (BAR / 16), 0.5, 1.0, 0.0))


@pytest.mark.parametrize(("kicks", "snares"), [((0, 6, 10), (8,)), ((0, 7, 10), (4, 12))])
@pytest.mark.parametrize("sixteenths", [0, 3, 10])
def test_kick_and_snare_tell_the_downbeat_half_time_or_not(kicks, snares, sixteenths):
    first = sixteenths * BAR / 16
    downbeat, confidence = heard(drums(kicks, snares, first), first)
    assert downbeat == pytest.approx(first, abs=0.02)
    assert confidence > 0.5


def test_hats_alone_say_nothing_so_the_start_is_taken_with_little_confidence():
    downbeat, confidence = heard(drums((), (), 0.0))
    assert downbeat == 0
    assert confidence < 0.7


def test_a_downbeat_is_never_before_the_first_sample():
    downbeat, _ = heard(drums((0, 6, 10), (8,), -0.01), -0.01)
    assert downbeat == 0
