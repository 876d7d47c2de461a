"""The starter's benchmark: what it asks for, and that it tells right from wrong."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from benchmarks.ears.ear import GROUP_OF, GROUPS
from benchmarks.ears.features import STEPS, a_bar_later, pattern, timbre
from benchmarks.starter_notes import Wish, chart_text, harmony_of, right_chords, share_in_key
from benchmarks.starter_prompts import Asked, draw_prompts, has_backbeat, judge, judge_all, named
from training.starter.corpus.compose import compose
from training.starter.corpus.render import CorpusBeat, render, truth
from training.starter.corpus.score import PARTS
from typebeat.midi.notes import Marker
from typebeat.request.chord_text import read_chords
from typebeat.request.concepts import INSTRUMENTS
from typebeat.request.reading import read_words

SEED = 426  # below what anything learns from; a beat that leaves no part out


class TrueEar:
    """Hears what a plan says."""

    def __init__(self, plan):
        self.plan, self.instruments = plan, cycle([plan.lead, plan.chord_sound])

    def instrument(self, part, sample_rate):
        return next(self.instruments)

    def groove(self, drums, sample_rate, bpm):
        return self.plan.groove

    def style(self, mix, drums, sample_rate, bpm):
        return self.plan.style


@pytest.fixture(scope="module")
def beat() -> CorpusBeat:
    score = compose(SEED, 4, "don-toliver", bpm=100, loop=True)
    score = replace(score, plan=replace(score.plan, effects=()))
    return CorpusBeat(score, render(score, synthetic=True), truth(score))


def test_every_instrument_is_in_one_group_of_those_that_sound_alike():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(INSTRUMENTS)
    assert set(GROUP_OF.values()) == set(GROUPS)


def test_prompts_say_in_words_what_their_plans_name_and_are_the_same_every_time():
    prompts = draw_prompts(30)
    assert prompts[:5] == draw_prompts(5)
    understood = [set(named(each.plan)) <= set(read_words(each.prompt).concepts) for each in prompts]
    assert np.mean(understood) > 0.9
    assert any(each.plan.left_out for each in prompts)
    assert {each.plan.style for each in prompts} == {"travis-scott", "kid-cudi", "don-toliver"}


def test_a_beat_that_is_what_was_asked_has_every_property(beat):
    found = judge(beat.stems, beat.sample_rate, Asked(beat.score.plan, ""), TrueEar(beat.score.plan))
    assert beat.score.plan.left_out == ()
    assert found.pop("parts_hit") is None  # nothing was to be left out
    assert found.pop("broken") == 0
    assert all(found.values()), found


def test_silence_is_broken_and_a_part_that_should_be_silent_is_a_miss(beat):
    plan = beat.score.plan
    silent = {name: 0 * stem for name, stem in beat.stems.items()}
    assert judge(silent, beat.sample_rate, Asked(plan, ""), TrueEar(plan))["broken"] == 1
    without = replace(plan, left_out=("melody",))
    assert judge(beat.stems, beat.sample_rate, Asked(without, ""), TrueEar(plan))["parts_hit"] == 0
    stems = beat.stems | {"melody": silent["melody"]}
    found = judge(stems, beat.sample_rate, Asked(without, ""), TrueEar(plan))
    assert found["parts_hit"] == 1
    assert found["instrument_hit"] is None  # nothing to be judged in silence


def test_shares_are_of_the_beats_that_were_asked_for_a_property(beat):
    plan = beat.score.plan
    asked = [Asked(plan, ""), Asked(replace(plan, left_out=PARTS[1:]), "")]
    shares = judge_all([(beat.stems, beat.sample_rate)] * 2, asked, TrueEar(plan))
    assert shares["parts_hit"] == 0
    assert shares["tempo_hit"] == 1


def test_the_backbeat_of_a_groove_is_heard_in_either_phase_and_not_a_beat_later(beat):
    plan, drums = beat.score.plan, beat.stems["drums"]
    bar, beat_samples = (round(beat.sample_rate * beats * 60 / plan.bpm) for beats in (4, 1))
    assert has_backbeat(drums, beat.sample_rate, plan.bpm, plan.groove)
    assert has_backbeat(drums[bar:], beat.sample_rate, plan.bpm, plan.groove)
    assert not has_backbeat(drums[beat_samples:], beat.sample_rate, plan.bpm, plan.groove)
    assert not has_backbeat(0 * drums, beat.sample_rate, plan.bpm, plan.groove)


def test_a_pattern_moves_by_a_bar_and_the_sound_of_it_does_not(beat):
    plan, drums = beat.score.plan, beat.stems["drums"]
    seen = pattern(drums, beat.sample_rate, plan.bpm)
    assert np.array_equal(a_bar_later(a_bar_later(seen)), seen)
    assert seen.min() >= 0
    assert seen.max() <= 1
    assert len(seen) % (STEPS + 3) == 0
    assert np.isfinite(timbre(drums, beat.sample_rate)).all()


def test_typed_chords_are_read_back_and_their_names_count_as_right_by_third_and_fifth():
    score = next(
        score
        for score in (compose(seed, 4, loop=True) for seed in range(SEED, SEED + 200))
        if all(c.bass == c.root and c.quality in ("", "m") for c in score.chords_named)
    )
    chart = read_chords(chart_text(score))
    assert [(c.start, c.root, c.quality) for c in chart.chords] == [
        (c.beat, c.root, c.quality) for c in score.chords_named
    ]
    first = harmony_of(chart, score.plan.bpm)[0]
    assert first[3] == list(score.chords_named[0].tones)
    wish = Wish(CorpusBeat(score, {}, {}), "", chart)
    seconds = 60 / score.plan.bpm
    names = [Marker(c.start * seconds, c.text.partition(":")[0]) for c in chart.chords]
    assert all(right_chords(wish, names))
    sevenths = [Marker(each.at, f"{each.text}7") for each in names]
    assert all(right_chords(wish, sevenths))
    wrong = [Marker(each.at, each.text.removesuffix("m") + ("" if each.text.endswith("m") else "m")) for each in names]
    assert not any(right_chords(wish, wrong))


def test_a_melody_is_in_key_in_any_minor_that_rap_uses():
    assert share_in_key([60, 62, 63, 65, 67, 68, 71], "C minor") == 1  # harmonic
    assert share_in_key([60, 61, 63], "C minor") == 1  # phrygian
    assert share_in_key([60, 64, 66], "C minor") < 0.7
    assert share_in_key([], "C minor") == 0
