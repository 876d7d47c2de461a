"""basic-pitch's network under onnxruntime: right times, no lost end, no TensorFlow."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from typebeat.engines import Job, Stopped, WeightsError
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.sound.audio import Audio

RATE = 44_100


def plucks(onsets: list[float], pitch: int, seconds: float) -> Audio:
    """A plucked tone of six harmonics at each onset in s."""
    time = np.arange(round(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    sound = np.zeros(len(time))
    for onset in onsets:
        since = np.maximum(time - onset, 0)
        body = sum(np.sin(2 * np.pi * hz * k * since) / k for k in range(1, 7))
        sound += (time >= onset) * body * np.exp(-since * 6)
    return Audio(0.3 * sound, RATE)


@pytest.fixture(scope="module")
def network() -> BasicPitch:
    return BasicPitch()


def test_onsets_are_heard_where_they_are_up_to_the_end(network):
    onsets = [0.1, 0.9, 1.7, 2.55, 3.3, 4.6, 5.8]
    sound = plucks(onsets, 64, 6.0)
    heard = network.listen(sound)
    begins = heard.beginning[:, 64 - heard.lowest_pitch]
    for onset in onsets:
        around = slice(max(0, round((onset - 0.1) / heard.frame_seconds)), round((onset + 0.1) / heard.frame_seconds))
        peak = (around.start + int(np.argmax(begins[around]))) * heard.frame_seconds
        assert begins[around].max() > 0.4
        assert abs(peak - onset) < 0.025


def test_the_frames_cover_the_sound_and_no_more(network):
    for seconds in (0.05, 0.99, 1.01, 3.3):
        heard = network.listen(plucks([0.0], 60, seconds))
        assert len(heard.sounding) == len(heard.beginning)
        assert 0 <= len(heard.sounding) * heard.frame_seconds - seconds < heard.frame_seconds
        assert np.isfinite(heard.sounding).all()


def test_loudness_rate_and_channels_change_nothing_that_matters(network):
    sound = plucks([0.2, 1.0], 67, 2.0)
    first = network.listen(sound).sounding
    other = network.listen(Audio(0.05 * np.repeat(sound.samples, 6, axis=0)[:, ::2], RATE // 2)).sounding
    assert np.abs(first[:170] - other[:170]).mean() < 0.01


def test_silence_is_no_error(network):
    assert np.isfinite(network.listen(Audio(np.zeros(RATE), RATE)).sounding).all()


def test_it_stops_when_told_to(network):
    with pytest.raises(Stopped):
        network.listen(plucks([0.0], 60, 1.0), Job(should_stop=lambda: True))


def test_a_missing_or_broken_network_is_named(tmp_path):
    with pytest.raises(WeightsError, match="missing"):
        BasicPitch(tmp_path / "nmp.onnx").listen(plucks([0.0], 60, 0.5))
    (tmp_path / "nmp.onnx").write_bytes(b"no network")
    with pytest.raises(WeightsError, match=r"nmp\.onnx"):
        BasicPitch(tmp_path / "nmp.onnx").listen(plucks([0.0], 60, 0.5))


def test_neither_tensorflow_nor_basic_pitch_is_imported():
    code = (
        "import sys, numpy as np\n"
        "from typebeat.sound.audio import Audio\n"
        "from typebeat.engines.basic_pitch import BasicPitch\n"
        "BasicPitch().listen(Audio(np.zeros(9000), 22050))\n"
        "print([name for name in ('tensorflow', 'basic_pitch', 'torch', 'librosa') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
