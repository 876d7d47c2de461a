"""Corpus 2's plans, chords and melodies: what is drawn, how often, and that the notes are what they are named."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from training.starter.corpus import palette
from training.starter.corpus.comping import compose_chords
from training.starter.corpus.compose import compose, compose_plan
from training.starter.corpus.form import resting, swung
from training.starter.corpus.harmony import draw_harmony
from training.starter.corpus.melody import compose_melody
from training.starter.corpus.plan import concepts_of, draw_plan
from training.starter.corpus.playing import LEAD_LIMITS, PLAYING
from training.starter.corpus.progressions import scale_of
from training.starter.corpus.score import PARTS, QUALITIES
from typebeat.request.concepts import CONCEPT_IDS, GROOVES, INSTRUMENTS, MOODS
from typebeat.request.styles import STYLES
from typebeat.request.words import BPM_LIMITS, KEYS

SEEDS = range(120)


def stream(*numbers):
    return np.random.default_rng(numbers)


@pytest.fixture(scope="module")
def plans():
    return [draw_plan(seed, 8) for seed in range(3000)]


@pytest.fixture(scope="module")
def beats():
    """Plan, chords, chord notes and melody of some beats."""
    made = []
    for seed in SEEDS:
        plan = draw_plan(seed, 16 if seed % 2 else 8)
        chords = draw_harmony(stream(seed, 1), plan)
        made.append(
            (plan, chords, compose_chords(stream(seed, 2), plan, chords), compose_melody(stream(seed, 3), plan, chords))
        )
    return made


def chord_at(chords, beat):
    return next(c for c in reversed(chords) if c.beat <= beat + 0.02)


def test_the_tables_know_every_instrument_and_groove():
    assert set(palette.COMMON) == set(palette.CHORD_COMMON) == set(PLAYING) == set(INSTRUMENTS)
    assert set(palette.FREE_GROOVES) == set(palette.GROOVE_MOODS) == set(palette.GROOVE_INSTRUMENTS) == set(GROOVES)
    assert set(palette.MOOD_INSTRUMENTS) == set(MOODS)
    named = " ".join([*palette.MOOD_INSTRUMENTS.values(), *palette.GROOVE_INSTRUMENTS.values()]).split()
    assert set(named) == set(INSTRUMENTS)


def test_every_instrument_leads_and_every_groove_mood_and_style_comes(plans):
    leads = Counter(plan.lead for plan in plans)
    assert min(leads[name] for name in INSTRUMENTS) >= 0.012 * len(plans)
    assert max(leads.values()) <= 0.06 * len(plans)
    grooves, moods = Counter(p.groove for p in plans), Counter(mood for p in plans for mood in p.moods)
    assert min(grooves[name] for name in GROOVES) >= 0.02 * len(plans)
    assert min(moods[name] for name in MOODS) >= 0.02 * len(plans)
    styles = Counter(plan.style for plan in plans)
    assert set(styles) == {"", *STYLES}
    assert 0.35 < styles[""] / len(plans) < 0.45


def test_a_plan_has_a_key_a_tempo_and_instruments_that_exist(plans):
    for plan in plans:
        assert plan.key in KEYS
        assert BPM_LIMITS[0] <= plan.bpm <= BPM_LIMITS[1]
        assert {plan.lead, plan.chord_sound} | ({plan.counter} - {""}) <= set(INSTRUMENTS)
        assert 0.5 <= plan.swing <= 0.7
        assert plan.key.endswith("major") == (plan.scale in ("major", "mixolydian", "lydian"))
    assert 0.8 < sum(plan.key.endswith("minor") for plan in plans) / len(plans) < 0.9


def test_parts_are_left_out_as_often_as_captions_ask_for_it(plans):
    share = {part: sum(part in p.left_out for p in plans) / len(plans) for part in PARTS}
    drums_only = sum(p.left_out == ("808", "chords", "melody") for p in plans) / len(plans)
    assert 0.08 < share["drums"] < 0.13
    assert 0.045 < drums_only < 0.075
    assert all(len(p.left_out) < len(PARTS) for p in plans)


def test_a_plan_is_named_by_known_concepts_and_by_none_of_a_part_left_out(plans):
    belongs = {
        "drums": ("groove:", "drums:"),
        "808": ("bass:",),
        "chords": ("chords:",),
        "melody": ("lead:", "melody:"),
    }
    for plan in plans:
        names = concepts_of(plan)
        assert set(names) <= set(CONCEPT_IDS)
        assert len(set(names)) == len(names)
        for part, prefixes in belongs.items():
            assert (f"without:{part}" in names) == (part in plan.left_out)
            assert not (part in plan.left_out and any(name.startswith(prefixes) for name in names))
        assert ("melody:counter-melody" in names) == bool(plan.counter)
        assert {n for n in names if n.startswith("section:")} == {
            f"section:{s.name}" for s in plan.sections if s.name != "loop"
        }


def test_sections_fill_the_beat_without_gaps(plans):
    for plan in plans:
        at = 0
        for section in plan.sections:
            assert section.first_bar == at
            assert section.bars > 0
            at += section.bars
        assert at == plan.bars
    assert 0.45 < sum(plan.sections[0].name == "loop" for plan in plans) / len(plans) < 0.55


def test_style_tempo_and_form_can_be_asked_for():
    for seed in range(20):
        plan = draw_plan(seed, 8, style="kid-cudi", bpm=85, loop=True)
        assert (plan.style, plan.bpm, plan.sections[0].name) == ("kid-cudi", 85, "loop")
        assert draw_plan(seed, 8, style="", loop=False).sections[0].name != "loop"
        assert draw_plan(seed, 8, style="").style == ""


def test_the_length_of_a_beat_changes_nothing_but_its_form():
    for seed in range(20):
        short, long = draw_plan(seed, 1), draw_plan(seed, 16)
        assert replace(short, bars=16, sections=long.sections) == long


def test_chords_fill_the_beat_in_bars_or_half_bars(beats):
    for plan, chords, _, _ in beats:
        assert all(chord.length in (2.0, 4.0) for chord in chords)
        assert [c.beat for c in chords] == [sum(c.length for c in chords[:i]) for i in range(len(chords))]
        assert sum(chord.length for chord in chords) == plan.bars * 4
        assert all(chord.quality in QUALITIES for chord in chords)


def test_most_chords_lie_in_the_scale(beats):
    inside = [set(c.tones) <= set(scale_of(plan.key, plan.scale)) for plan, chords, _, _ in beats for c in chords]
    assert sum(inside) > 0.9 * len(inside)


def test_sevenths_are_heard_where_they_are_named(beats):
    for plan, chords, _, _ in beats:
        if "sevenths" in plan.harmony_traits:
            assert sum(len(chord.tones) > 3 for chord in chords) > 0.7 * len(chords)


def test_every_chord_sounds_with_all_its_tones_and_no_other(beats):
    for plan, chords, notes, _ in beats:
        if "chords" in plan.left_out:
            assert notes == ()
            continue
        silent = {s.first_bar + i for s in resting(plan, "chords") for i in range(s.bars)}
        for chord in chords:
            if chord.beat // 4 in silent:
                continue
            end = chord.beat + chord.length
            heard = {n.pitch % 12 for n in notes if n.beat < end - 0.08 and n.beat + n.length > chord.beat + 0.12}
            assert set(chord.tones) <= heard <= {*chord.tones, chord.bass}


def test_melodies_are_in_the_scale_and_on_chord_tones_where_they_are_strong(beats):
    in_scale, strong = [], []
    for plan, chords, _, notes in beats:
        scale = scale_of(plan.key, plan.scale)
        in_scale += [note.pitch % 12 in scale for note in notes]
        strong += [n.pitch % 12 in chord_at(chords, n.beat).tones for n in notes if n.beat % 2 == 0 and n.voice == 0]
    assert sum(in_scale) > 0.95 * len(in_scale)
    assert sum(strong) > 0.8 * len(strong)


def test_melodies_stay_in_the_range_of_their_instrument(beats):
    for plan, _, _, notes in beats:
        for note in notes:
            playing = PLAYING[plan.counter if note.voice else plan.lead]
            assert LEAD_LIMITS[0] <= playing.low <= note.pitch <= playing.high <= LEAD_LIMITS[1]


def test_notes_lie_in_the_beat_and_never_overlap_their_own_pitch(beats):
    for plan, _, *parts in beats:
        for notes in parts:
            ends = {}
            for note in notes:
                assert note.beat >= ends.get((note.pitch, note.voice), 0.0) - 1e-3
                assert note.length > 0
                assert note.beat + note.length <= plan.bars * 4 + 1e-3
                assert 0 < note.velocity <= 1
                ends[note.pitch, note.voice] = note.beat + note.length


def test_melody_and_counter_melody_play_unless_left_out(beats):
    for plan, _, _, notes in beats:
        voices = {note.voice for note in notes}
        assert (0 in voices) == ("melody" not in plan.left_out)
        assert 1 not in voices or plan.counter
    with_counter = [{n.voice for n in notes} for plan, _, _, notes in beats if plan.counter]
    assert sum(1 in voices for voices in with_counter) > 0.85 * len(with_counter)


def test_busy_melodies_have_more_notes_than_simple_ones_and_high_ones_lie_higher(beats):
    def mean(trait, value):
        found = [value(plan, notes) for plan, _, _, notes in beats if trait in plan.melody_traits and notes]
        return sum(found) / len(found)

    def rate(plan, notes):
        return len(notes) / plan.bars

    def height(plan, notes):
        return sum(n.pitch for n in notes) / len(notes)

    assert mean("busy-melody", rate) > 2 * mean("simple", rate)
    assert mean("high", height) > 8 + mean("low", height)


def test_stabs_are_short_and_pads_are_held(beats):
    for plan, _, notes, _ in beats:
        if not notes:
            continue
        mean = sum(n.length for n in notes) / len(notes)
        if "stabs" in plan.harmony_traits:
            assert mean < 0.8
        if "sustained" in plan.harmony_traits:
            assert mean > 0.9
    assert all("stabs" not in p.harmony_traits for p, *_ in beats if p.chord_sound in ("pad", "hum", "ooh"))


def test_thirty_takes_of_a_plan_differ_in_melody_and_chords():
    for seed in (0, 1, 2, 13):
        plan = replace(draw_plan(seed, 8), left_out=())
        melodies, comping = set(), set()
        for take in range(30):
            chords = draw_harmony(stream(seed, 1, take), plan)
            melodies.add(tuple((n.beat, n.pitch) for n in compose_melody(stream(seed, 2, take), plan, chords)))
            comping.add(tuple((round(n.beat, 1), n.pitch) for n in compose_chords(stream(seed, 3, take), plan, chords)))
        assert len(melodies) == len(comping) == 30


def test_swing_moves_only_the_second_of_two_sixteenths():
    assert [swung(beat, 0.6) for beat in (0.0, 0.5, 1.0, 7.5)] == pytest.approx([0.0, 0.5, 1.0, 7.5], abs=1e-6)
    assert swung(0.25, 0.6) == pytest.approx(0.3)
    assert swung(3.75, 0.5) == pytest.approx(3.75)


def test_a_seed_always_gives_the_same_beat_and_takes_differ():
    first = compose(7)
    assert first == compose(7)
    assert first.plan == draw_plan(7, 8)
    assert compose_plan(first.plan) == first
    assert compose_plan(first.plan, take=1).melody != first.melody
    assert compose(8) != first
