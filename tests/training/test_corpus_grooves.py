"""Drums of corpus 2: grooves sound like themselves; traits are heard where they are named, and only there."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from training.starter.corpus.bassline import compose_bass, draw_bass
from training.starter.corpus.drum_loop import back_drums
from training.starter.corpus.drumming import compose_drums, draw_drum_traits
from training.starter.corpus.grooves import GROOVES, bars_of, pattern_of
from training.starter.corpus.score import DRUMS, Chord, Plan, Section
from training.starter.corpus.strokes import Stroke
from typebeat.request import concepts
from typebeat.request.styles import STYLES

BACKS = ("snare", "clap", "snap", "rim")
FORM = (
    *(Section("intro", 0, 4), Section("verse", 4, 8), Section("hook", 12, 8), Section("bridge", 20, 4)),
    *(Section("break", 24, 4), Section("hook", 28, 8), Section("outro", 36, 4)),
)
ALL_GROOVES = pytest.mark.parametrize("groove", concepts.GROOVES)
SEEDS = range(5)


def plan(groove="trap", traits=(), sections=None, **more):
    sections = sections or (Section("loop", 0, 8),)
    given = {
        **{"seed": 1, "style": "", "bpm": 140.0, "key": "C minor", "scale": "minor", "groove": groove},
        **{"swing": 0.6 if "swing" in traits else 0.5, "moods": ("dark",), "lead": "piano", "chord_sound": "pad"},
        **{"counter": "", "bass_sound": "808", "bass_traits": (), "melody_traits": (), "harmony_traits": ()},
        **{"effects": (), "left_out": (), "drum_traits": tuple(traits), "sections": sections},
        "bars": sum(section.bars for section in sections),
    }
    return Plan(**(given | more))


def chords(bars, loop=((0, "m"), (8, ""), (5, "m"), (7, "m"))):
    return tuple(Chord(4.0 * bar, 4.0, *loop[bar % len(loop)], loop[bar % len(loop)][0]) for bar in range(bars))


def drums(given, seed=0):
    return compose_drums(np.random.default_rng([seed, 5]), given)[0]


def bass(given, seed=0):
    rng = np.random.default_rng([seed, 6])
    return compose_bass(rng, given, chords(given.bars), compose_drums(rng, given)[1])


def places(hits, drum, bar):
    return {round(hit.beat - 4 * bar, 3) for hit in hits if hit.drum == drum and 4 * bar <= hit.beat < 4 * bar + 4}


def off_grid(hit):
    return abs(hit.beat * 4 - round(hit.beat * 4)) > 0.01


def test_every_groove_that_captions_name_is_known():
    assert tuple(GROOVES) == concepts.GROOVES


@ALL_GROOVES
def test_a_groove_s_grids_are_whole_bars_of_sixteenths_and_its_traits_are_concepts(groove):
    record = GROOVES[groove]
    more = [grid for grids in record.percussion.values() for grid in grids]
    for grid in (record.back, *record.kicks, *record.hats, *record.open_hats, *record.cowbell, *record.shaker, *more):
        cells = grid.replace(" ", "").replace("/", "")
        assert len(cells) in (16, 32), grid
        assert set(cells) <= set("Xxo."), grid
    assert {len("".join(line.split())) for line in record.bass_lines} == {16}
    assert len(record.kicks) >= 4
    assert set(record.traits) <= set(concepts.DRUM_TRAITS)
    assert set(record.bass) <= set(concepts.BASS_TRAITS)
    assert set(record.percussion) <= set(DRUMS)
    assert {"conga", "perc"} & set(record.percussion)
    assert 55 < record.bpm[0] < record.bpm[1] < 180


def test_the_known_places_of_the_genres():
    assert pattern_of("trap").backbeats == ((2.0,), (2.0,))
    assert pattern_of("drill").backbeats == ((2.0,), (3.0,))
    assert pattern_of("boom-bap").backbeats == ((1.0, 3.0), (1.0, 3.0))
    assert pattern_of("dancehall").backbeats[0] == (0.75, 1.5, 2.75, 3.5)
    assert pattern_of("detroit").backbeats[0] == (1.0, 2.75)
    five = pattern_of("jersey-club").kicks[0]
    assert {place for place, share in five.items() if share == 1.0} == {0.0, 1.0, 2.0, 2.75, 3.5}
    assert pattern_of("crunk").pick_ups == ((), (3.5, 3.75))
    assert all(share == 1.0 for place, share in pattern_of("drill").hats[0].items() if place in (0.0, 0.75, 1.5, 3.5))


@ALL_GROOVES
def test_the_backbeat_falls_on_the_groove_s_places_and_nowhere_else(groove):
    facts = pattern_of(groove)
    for seed in SEEDS:
        hits = drums(plan(groove), seed)
        for bar in range(8):
            assert places(hits, "snare", bar) == {*facts.backbeats[bar % 2], *facts.pick_ups[bar % 2]}


@ALL_GROOVES
def test_the_groove_s_own_kicks_stay_in_every_variation(groove):
    for traits in ((), ("sparse",), ("busy",)):
        for seed in SEEDS:
            hits = drums(plan(groove, traits), seed)
            for bar in range(8):
                always = {place for place, share in pattern_of(groove).kicks[bar % 2].items() if share == 1.0}
                assert {step / 4 for step in GROOVES[groove].core} & always <= places(hits, "kick", bar)
            assert any(hit.drum == "kick" for hit in hits if hit.beat < 8)


def test_grooves_are_told_apart_by_kick_backbeat_and_hats_alone():
    def heard(hits):
        grid = np.zeros((3, 32))
        for hit in hits:
            row = {"kick": 0, "closed_hat": 2, **dict.fromkeys(BACKS, 1)}.get(hit.drum)
            if row is not None and hit.velocity > 0.4:
                grid[row, round(hit.beat * 4) % 32] += (1, 1, 0.5)[row]
        return grid.ravel()

    def beats(seeds):
        for groove in concepts.GROOVES:
            for seed in seeds:
                traits = draw_drum_traits(np.random.default_rng([seed, 9]), groove, ("", *STYLES)[seed % 4])
                yield groove, heard(drums(plan(groove, traits), seed))

    known = {groove: np.zeros(96) for groove in concepts.GROOVES}
    for groove, what in beats(range(12)):
        known[groove] += what / 12
    told = [min(known, key=lambda g: ((known[g] - what) ** 2).sum()) == g0 for g0, what in beats(range(50, 58))]
    assert np.mean(told) > 0.93


@ALL_GROOVES
def test_drums_keep_to_the_beat_s_length_the_kit_and_legal_loudness(groove):
    for seed in SEEDS:
        traits = draw_drum_traits(np.random.default_rng(seed), groove, ("", *STYLES)[seed % 4])
        given = plan(groove, traits, FORM)
        hits, kicks = compose_drums(np.random.default_rng(seed), given)
        assert hits
        assert len(kicks) == given.bars
        assert all(0 <= beat < 4 for bar in kicks for beat in bar)
        for hit in hits:
            assert hit.drum in DRUMS
            assert 0 < hit.velocity <= 1
            assert 0 <= hit.beat < 4 * given.bars
            assert abs(hit.late) <= 0.06
        assert hits == compose_drums(np.random.default_rng(seed), given)[0]


@ALL_GROOVES
@pytest.mark.parametrize("more", [(), ("sparse",)])
def test_thirty_beats_of_one_plan_have_thirty_drum_patterns(groove, more):
    patterns = {frozenset((h.beat, h.drum) for h in drums(plan(groove, more), seed)) for seed in range(30)}
    assert len(patterns) == 30


TRAIT_DRUMS = {"clap": "clap", "snap": "snap", "rim": "rim", "shaker": "shaker", "cowbell": "cowbell"}


@ALL_GROOVES
@pytest.mark.parametrize(("trait", "drum"), [*TRAIT_DRUMS.items(), ("open-hats", "open_hat")])
def test_a_drum_that_is_named_is_heard_in_every_two_bars_and_one_that_is_not_never(groove, trait, drum):
    for seed in SEEDS:
        hits = drums(plan(groove, (trait, "rolls")), seed)
        assert {int(hit.beat // 8) for hit in hits if hit.drum == drum} == {0, 1, 2, 3}
        assert not any(hit.drum == drum for hit in drums(plan(groove, ("rolls", "fills", "ghost-notes")), seed))


@ALL_GROOVES
def test_percussion_is_heard_only_where_named(groove):
    for seed in SEEDS:
        assert {"conga", "perc"} & {hit.drum for hit in drums(plan(groove, ("percussion",)), seed)}
        assert not {"conga", "perc", "tom_low", "tom_high"} & {hit.drum for hit in drums(plan(groove), seed)}


@ALL_GROOVES
def test_rolls_and_triplets_leave_the_sixteenths_only_where_named(groove):
    for seed in SEEDS:
        assert not any(off_grid(hit) for hit in drums(plan(groove, ("fills",)), seed) if "hat" in hit.drum)
        fast = [hit.beat for hit in drums(plan(groove, ("rolls",)), seed) if hit.drum == "closed_hat"]
        assert min(b - a for a, b in pairwise(fast)) <= 0.126
        assert all(abs(beat * 16 - round(beat * 16)) < 0.01 for beat in fast)
        hats = [hit for hit in drums(plan(groove, ("triplets",)), seed) if hit.drum == "closed_hat"]
        for bars in range(4):
            thirds = [h for h in hats if 8 * bars <= h.beat < 8 * bars + 8 and off_grid(h)]
            assert thirds
            assert all(abs(h.beat * 12 - round(h.beat * 12)) < 0.01 for h in thirds)


@ALL_GROOVES
def test_sparse_beats_have_fewer_hits_and_busy_ones_more(groove):
    def count(traits, *names):
        return sum(hit.drum in names for seed in SEEDS for hit in drums(plan(groove, traits), seed))

    assert count(("sparse",), "kick", "closed_hat") < 0.87 * count((), "kick", "closed_hat")
    assert count(("busy",), "kick", "closed_hat") > 1.06 * count((), "kick", "closed_hat")
    assert count(("busy",), "kick") > 1.2 * count((), "kick")


@ALL_GROOVES
def test_ghost_notes_and_fills_are_heard_only_where_named(groove):
    def soft(hits):
        return [hit for hit in hits if hit.drum in BACKS and hit.velocity < 0.38]

    for seed in SEEDS:
        plain, ghosts = drums(plan(groove), seed), drums(plan(groove, ("ghost-notes",)), seed)
        assert not soft(plain)
        assert {int(hit.beat // 4) for hit in soft(ghosts)} == set(range(8))
        filled = drums(plan(groove, ("fills",)), seed)
        same = [(h.beat, h.drum) for h in plain if 8 <= h.beat < 12 and h.drum != "crash"]
        assert same == [(h.beat, h.drum) for h in filled if 8 <= h.beat < 12 and h.drum != "crash"]
        for end in (16, 32):
            assert {(h.beat, h.drum) for h in plain if end - 4 <= h.beat < end} != {
                (h.beat, h.drum) for h in filled if end - 4 <= h.beat < end
            }


def test_swing_delays_every_second_sixteenth_and_nothing_else():
    straight, swung = drums(plan("boom-bap")), drums(plan("boom-bap", swing=0.6))
    assert len(straight) == len(swung)
    delays = {round(b.beat - a.beat, 3) for a, b in zip(straight, swung, strict=True)}
    assert delays <= {0.0, 0.05}
    assert len(delays) == 2


def test_laid_back_snares_fall_late():
    def late(traits):
        return np.mean([h.late for seed in SEEDS for h in drums(plan("boom-bap", traits), seed) if h.drum == "snare"])

    assert late(("laid-back",)) > late(()) + 0.01
    assert 0 < late(("laid-back",)) < 0.05


def test_the_form_is_heard():
    traits, fewer, crashes = ("clap", "rolls", "percussion", "fills", "open-hats"), [], []
    for seed in SEEDS:
        hits = drums(plan("trap", traits, FORM), seed)
        density = {s: sum(s.first_bar <= h.beat / 4 < s.first_bar + s.bars for h in hits) / s.bars for s in FORM}
        hook = density[FORM[2]]
        fewer.append(all(density[FORM[k]] < 0.8 * hook for k in (0, 3, 4)))
        crashes.append(any(h.drum == "crash" and h.beat == 48 for h in hits))
        assert density[FORM[1]] < hook
        assert {h.beat for h in hits if h.drum == "riser"} == {44.0, 108.0}
    assert np.mean(fewer) > 0.9
    assert np.mean(crashes) > 0.7


@pytest.mark.parametrize("name", ["intro", "verse", "hook", "bridge", "break", "outro"])
def test_an_excerpt_of_one_section_still_has_what_is_named(name):
    traits = ("clap", "open-hats", "rolls", "shaker", "percussion", "fills", "cowbell")
    for seed in SEEDS:
        given = plan("trap", traits, (Section(name, 0, 6),), bass_traits=("glide",))
        assert {"clap", "open_hat", "shaker", "cowbell", "kick"} <= {hit.drum for hit in drums(given, seed)}
        assert any(event.glide_to for event in bass(given, seed))


def test_what_is_left_out_is_silent_and_the_bass_still_has_kicks_to_follow():
    given = plan("drill", ("rolls",), left_out=("drums",))
    hits, kicks = compose_drums(np.random.default_rng(1), given)
    assert hits == ()
    assert any(kicks)
    assert bass(given)
    assert bass(replace(given, left_out=("808",))) == ()


@ALL_GROOVES
@pytest.mark.parametrize("style", ["", *STYLES])
def test_drawn_traits_are_concepts_that_go_together(groove, style):
    rng = np.random.default_rng(4)
    for _ in range(40):
        traits = draw_drum_traits(rng, groove, style)
        assert set(traits) <= set(concepts.DRUM_TRAITS)
        assert sum(trait.startswith("kit-") for trait in traits) <= 1
        assert not {"sparse", "busy"} <= set(traits)
        assert len(back_drums(traits)) <= 2
        sound, of_bass = draw_bass(rng, groove, style)
        assert set(of_bass) <= set(concepts.BASS_TRAITS)
        assert (sound in of_bass) == (sound != "808")
        assert not {"long", "bounce"} <= set(of_bass)
        assert not {"distorted", "sub"} <= set(of_bass)


def test_grids_are_read_bar_by_bar():
    assert bars_of("X... .... .... ...o") == (((0, 1.0), (15, 0.55)),) * 2
    assert Stroke(0.0, "kick", 1.0).late == 0.0
