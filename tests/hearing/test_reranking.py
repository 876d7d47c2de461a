"""Which of several drafts is nearest to what was asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import typebeat
from training.starter.simple_corpus.beats import make_beat
from typebeat.engines import WeightsError
from typebeat.engines.load import load_beat_engine
from typebeat.hearing.reranking import FILE, Asked, backbeat, load_reranker, nearness, statistics
from typebeat.hearing.strikes import band_levels
from typebeat.request.styles import STYLES
from typebeat.sound.audio import Audio

STARTER = Path(typebeat.__file__).parent / "starter" / "beat"
FIRST_SEED = 300  # below what anything learns from, and no benchmark's
BEATS = 8  # of each style


@pytest.fixture(scope="module")
def reranker():
    return load_reranker(STARTER)


@pytest.fixture(scope="module")
def beats():
    return [make_beat(FIRST_SEED + i, 4, style) for style in STYLES for i in range(BEATS)]


def heard(beat) -> Audio:
    return Audio(beat.mix, beat.sample_rate)


def test_styles_and_leads_of_beats_that_it_never_heard_are_mostly_told(reranker, beats):
    styles, leads = zip(*(reranker.hear(band_levels(heard(beat))) for beat in beats), strict=True)
    right = [max(each, key=each.get) == beat.score.style for each, beat in zip(styles, beats, strict=True)]
    assert np.mean(right) > 0.7
    right = [max(each, key=each.get) == beat.score.lead for each, beat in zip(leads, beats, strict=True)]
    assert np.mean(right) > 0.5
    assert sum(styles[0].values()) == pytest.approx(1)


def test_a_beat_is_nearer_to_its_own_style_than_to_another(reranker, beats):
    def of(beat, style):
        return nearness(heard(beat), Asked(beat.score.bpm, style, ""), reranker)

    others = dict(zip(STYLES, [*list(STYLES)[1:], next(iter(STYLES))], strict=True))
    nearer = [of(beat, beat.score.style) > of(beat, others[beat.score.style]) for beat in beats]
    assert np.mean(nearer) > 0.8


def test_a_lead_that_the_prompt_names_counts_and_words_that_name_none_do_not(reranker, beats):
    audio, score = heard(beats[0]), beats[0].score
    told = {
        words: nearness(audio, Asked(score.bpm, score.style, words), reranker) for words in ("", "rain", score.lead)
    }
    assert told[""] == told["rain"] > told[score.lead]
    assert told[score.lead] == pytest.approx(
        told[""] + np.log(reranker.hear(band_levels(audio))[1][score.lead]), abs=1e-6
    )


def test_the_backbeat_is_heard_where_it_is_and_missed_a_beat_later(beats):
    there, later = [], []
    for beat in beats:
        levels, beat_frames = band_levels(heard(beat)), round(60 / beat.score.bpm / 0.005)
        there.append(backbeat(levels, beat.score.bpm))
        later.append(backbeat(levels[beat_frames:], beat.score.bpm))
    assert np.mean(there) > 0.8
    assert np.mean(later) < 0.5


def test_without_a_network_only_the_backbeat_counts(beats):
    beat = beats[0]
    asked = Asked(beat.score.bpm, beat.score.style, beat.score.lead)
    levels = band_levels(heard(beat))
    assert nearness(heard(beat), asked, None) == pytest.approx(np.log(backbeat(levels, beat.score.bpm)), abs=1e-6)


@pytest.mark.parametrize("samples", [np.zeros((1, 10)), np.zeros((2, 32_000)), np.ones((1, 400))])
def test_sounds_too_short_or_silent_are_far_from_everything_and_break_nothing(reranker, samples):
    audio = Audio(samples.astype(np.float32), 32_000)
    assert np.isfinite(statistics(band_levels(audio))).all()
    assert np.isfinite(nearness(audio, Asked(140, "kid-cudi", "bells"), reranker))


def test_weights_without_one_have_none_and_a_broken_one_is_refused(tmp_path):
    assert load_reranker(tmp_path) is None
    for file in STARTER.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(WeightsError, match="holds no reranker"):
        load_beat_engine(str(tmp_path))
