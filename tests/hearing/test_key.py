"""Keys of corpus beats (seeds that no benchmark uses), of plain chords, and of what has none."""

from __future__ import annotations

import mir_eval
import numpy as np
import pytest

from training.starter.simple_corpus.beats import make_beat
from typebeat.hearing.chroma import hear_chroma
from typebeat.hearing.key import rank_keys
from typebeat.request.words import KEYS
from typebeat.sound.audio import Audio

RATE = 32_000


def chords(*bars, a4=440.0):
    """Two seconds of each chord, of MIDI pitches with a few partials and the lowest doubled in the bass."""
    time = np.arange(2 * RATE) / RATE
    sound = []
    for bar in bars:
        tones = [(pitch, 0.1) for pitch in bar] + [(bar[0] - 24, 0.3)]
        waves = [
            level / k * np.sin(2 * np.pi * a4 * 2 ** ((pitch - 69) / 12) * k * time)
            for pitch, level in tones
            for k in (1, 2, 3)
        ]
        sound.append(np.sum(waves, axis=0) * np.exp(-time))
    return Audio(np.concatenate(sound), RATE)


@pytest.mark.parametrize("a4", [440.0, 446.0])
def test_the_key_of_a_loop_of_chords_is_heard_whatever_it_is_tuned_to(a4):
    loop = chords((57, 60, 64), (53, 57, 60), (60, 64, 67), (55, 59, 62), a4=a4)  # Am F C G
    ranked = rank_keys(hear_chroma(loop))
    assert ranked[0][0] == "A minor"
    assert "C major" in [key for key, _ in ranked[:3]]


def test_all_24_keys_are_ranked_and_their_confidence_sums_to_at_most_one():
    ranked = rank_keys(hear_chroma(chords((57, 60, 64), (52, 56, 59))))
    assert {key for key, _ in ranked} == set(KEYS)
    shares = [share for _, share in ranked]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-9


def test_keys_of_corpus_beats_are_mostly_right():
    scores = []
    for seed in range(200_000, 200_010):
        beat = make_beat(seed, bars=4)
        best = rank_keys(hear_chroma(Audio(beat.mix, beat.sample_rate)))[0][0]
        scores.append(mir_eval.key.weighted_score(beat.score.key, best))
    assert np.mean(scores) > 0.7


def test_one_tone_is_no_key_and_silence_has_none():
    tone = Audio(np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE), RATE)
    assert rank_keys(hear_chroma(tone))[0][1] < 0.4
    assert rank_keys(hear_chroma(Audio(np.zeros(4 * RATE), RATE))) == []
