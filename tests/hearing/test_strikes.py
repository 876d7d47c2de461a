"""What hears drums: numpy says what torch was trained to say, at every moment, whatever the length of the sound."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.starter.listening.train_ears import Ears, targets
from typebeat.hearing import strikes
from typebeat.hearing.networks import MARGIN, load_ear_network
from typebeat.midi.notes import DRUM_PITCHES
from typebeat.sound.audio import Audio


def test_the_network_in_numpy_says_what_it_says_in_torch():
    torch.manual_seed(1)
    network = Ears(channels=(4, 6, 5), width=16).eval()
    seen = np.random.default_rng(2).normal(size=(90 + 2 * MARGIN, strikes.BANDS)).astype(np.float32)
    with torch.inference_mode():
        wanted = network(torch.from_numpy(seen)[None])[0].sigmoid().numpy()
    heard = load_ear_network(network.as_shipped())(seen)
    assert heard.shape == (90, len(strikes.HEARD))
    assert np.abs(heard - wanted).max() < 5e-3  # weights ship in half precision


def test_a_training_that_goes_on_begins_with_the_weights_that_ship():
    torch.manual_seed(4)
    first, other = Ears(channels=(4, 6, 5), width=16).eval(), Ears(channels=(4, 6, 5), width=16).eval()
    other.load_shipped(first.as_shipped())
    seen = torch.from_numpy(
        np.random.default_rng(5).normal(size=(1, 40 + 2 * MARGIN, strikes.BANDS)).astype(np.float32)
    )
    with torch.inference_mode():
        assert torch.allclose(first(seen), other(seen), atol=0.02)  # weights ship in half precision


@pytest.mark.parametrize("frames", [1, 999, 1000, 1001, 2500])
def test_a_sound_is_heard_the_same_in_pieces_as_whole(frames):
    seen = np.random.default_rng(3).uniform(-2, 2, (frames, strikes.BANDS)).astype(np.float16)
    heard = strikes.sure_of(seen)
    padded = np.pad(seen.astype(np.float32), ((MARGIN, MARGIN), (0, 0)), mode="edge")
    assert np.allclose(heard, strikes._network()(padded), atol=1e-5)


def test_it_hears_every_drum_and_the_bass_in_the_order_of_the_notes():
    assert (*DRUM_PITCHES, "bass") == strikes.HEARD


def test_in_silence_nothing_is_struck():
    struck = strikes.hear_struck(Audio(np.zeros((2, 44_100), np.float32), 44_100))
    assert struck.sure.shape == (201, len(strikes.HEARD))
    assert not struck.sure.any()


def test_frames_near_an_onset_count_for_nothing_unless_they_are_it():
    kick, snare = strikes.HEARD.index("kick"), strikes.HEARD.index("snare")
    wanted, counts = targets(100, np.array([(0.05, kick, 1.0), (0.06, kick, 1.0), (0.499, snare, 0.5)]))
    assert np.flatnonzero(wanted[:, kick]).tolist() == [9, 10, 11, 12, 13]
    assert np.flatnonzero(~counts[:, kick]).tolist() == [7, 8, 14, 15]
    assert np.flatnonzero(wanted[:, snare]).tolist() == [99]
    assert np.flatnonzero(~counts[:, snare]).tolist() == [97, 98]
