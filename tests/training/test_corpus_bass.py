"""The bass of corpus 2: one note at a time, on the chords and the kicks; traits are heard only where named."""

from itertools import pairwise

import numpy as np
from test_corpus_grooves import ALL_GROOVES, FORM, SEEDS, bass, chords, plan

from training.starter.corpus.bassline import compose_bass, draw_bass
from training.starter.corpus.drumming import compose_drums
from typebeat.request import concepts
from typebeat.request.styles import STYLES


@ALL_GROOVES
def test_a_bass_plays_one_note_at_a_time_in_its_range_from_the_chord_s_bass_note(groove):
    for seed in SEEDS:
        sound, traits = draw_bass(np.random.default_rng(seed), groove, ("", *STYLES)[seed % 4])
        given = plan(groove, (), FORM if seed % 2 else None, bass_sound=sound, bass_traits=traits)
        events = bass(given, seed)
        low, high = (26, 52 if "octaves" in traits else 45) if sound == "808" else (28, 55)
        assert all(low <= event.pitch <= high for event in events)
        assert all(event.glide_to is None or 26 <= event.glide_to <= 55 for event in events)
        assert all(0 < event.velocity <= 1 and event.length > 0.05 for event in events)
        assert all(a.beat + a.length <= b.beat + 1e-4 for a, b in pairwise(events))
        assert events[-1].beat + events[-1].length <= 4 * given.bars + 1e-4
        for chord in chords(given.bars):
            starts = [event for event in events if abs(event.beat - chord.beat) < 0.05]
            assert all(event.pitch % 12 == chord.bass for event in starts)
        assert events == bass(given, seed)


@ALL_GROOVES
def test_bass_traits_are_heard_only_where_named(groove):
    for seed in SEEDS:
        plain = bass(plan(groove), seed)
        assert not any(event.glide_to for event in plain)
        assert any(event.glide_to for event in bass(plan(groove, bass_traits=("glide",)), seed))
        assert max(event.length for event in bass(plan(groove, bass_traits=("bounce",)), seed)) <= 0.46
        held = bass(plan(groove, bass_traits=("long",)), seed)
        assert sum(event.length for event in held) > 31
        octaves = [e.pitch for e in bass(plan(groove, bass_traits=("octaves",)), seed)]
        assert any(abs(a - b) == 12 for i, a in enumerate(octaves) for b in octaves[max(0, i - 6) : i])


def test_most_808_notes_fall_on_kicks():
    shares = []
    for groove in concepts.GROOVES:
        given = plan(groove, bass_traits=("long",))
        rng = np.random.default_rng(3)
        _, kicks = compose_drums(rng, given)
        at = {round(4 * bar + beat, 3) for bar, places in enumerate(kicks) for beat in places}
        shares += [round(e.beat, 3) in at for e in compose_bass(rng, given, chords(8), kicks)]
    assert np.mean(shares) > 0.8
