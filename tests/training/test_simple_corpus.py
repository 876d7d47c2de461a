"""The corpus is musical, true to its own truth, and the same every time."""

import numpy as np
import pytest

from training.starter.simple_corpus.beats import STEMS, make_beat
from training.starter.simple_corpus.compose import HALF_TIME_FROM_BPM, compose
from typebeat.request.styles import STYLES
from typebeat.request.words import LEXICON, NOTE_NAMES

MINOR, MAJOR = {0, 2, 3, 5, 7, 8, 10}, {0, 2, 4, 5, 7, 9, 11}


@pytest.fixture(scope="module", params=list(STYLES))
def beat(request):
    return make_beat(11, bars=4, style=request.param)


def test_the_same_seed_gives_the_same_samples_and_another_seed_others():
    first, again, other = make_beat(1, bars=1), make_beat(1, bars=1), make_beat(2, bars=1)
    assert np.array_equal(first.mix, again.mix)
    assert first.mix.shape != other.mix.shape or not np.array_equal(first.mix, other.mix)


def test_a_beat_is_exactly_as_long_as_its_bars(beat):
    assert len(beat.mix) == round(4 * 4 * 60 / beat.score.bpm * beat.sample_rate)


def test_stems_sum_to_a_mix_that_neither_clips_nor_is_silent(beat):
    assert set(beat.stems) == set(STEMS)
    assert 0.5 < np.abs(beat.mix).max() <= 0.9
    assert all(np.sqrt(np.mean(stem**2)) > 0.005 for stem in beat.stems.values())


def test_a_drum_hit_of_the_truth_is_where_the_sound_rises(beat):
    drums, rate = beat.stems["drums"], beat.sample_rate
    kicks = [hit.onset for hit in beat.truth["drums"] if hit.drum == "kick"]
    assert kicks[0] == 0.0
    for onset in kicks[1:]:
        at = int(onset * rate)
        before, after = drums[at - rate // 100 : at], drums[at : at + rate // 50]
        assert np.mean(after**2) > 2 * np.mean(before**2)


@pytest.mark.parametrize("seed", range(12))
def test_notes_stay_in_the_key_and_repeat_with_the_loop(seed):
    score = compose(seed, bars=8)
    root = NOTE_NAMES.index(score.key.split()[0])
    scale = MAJOR if score.key.endswith("major") else MINOR
    for events in (score.bass, score.chords, score.melody):
        assert {(e.pitch - root) % 12 for e in events} <= scale
        loop = [(e.beat, e.pitch) for e in events if e.beat < 16]
        assert [(e.beat - 16, e.pitch) for e in events if e.beat >= 16] == loop


@pytest.mark.parametrize("seed", range(12))
def test_the_snare_or_clap_falls_on_the_backbeat_of_every_bar(seed):
    score = compose(seed, bars=4)
    assert score.backbeats == ((2.0,) if score.bpm >= HALF_TIME_FROM_BPM else (1.0, 3.0))
    hits = {hit.beat for hit in score.hits if hit.drum in ("snare", "clap")}
    assert {bar * 4 + beat for bar in range(4) for beat in score.backbeats} == hits


def test_tempo_and_swing_stay_within_what_rap_beats_have():
    scores = [compose(seed, bars=1) for seed in range(300)]
    assert min(s.bpm for s in scores) >= 70
    assert max(s.bpm for s in scores) <= 170
    assert all(0.5 <= s.swing <= 0.65 for s in scores)
    assert {s.style for s in scores} == set(STYLES)


def test_tags_are_concepts_that_captions_can_say():
    for seed in range(100):
        assert set(compose(seed, bars=1).tags.concepts) <= set(LEXICON)
