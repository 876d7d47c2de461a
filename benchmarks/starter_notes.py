"""Whether the starter obeys notes: those that are given, those of parts that are kept, and whether seeds differ.

Given notes are those of unseen corpus beats. They are heard in the single parts by the project's own MIDI; the column
of the corpus says how well that hears the corpus's own parts. One draft each, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

import numpy as np

from benchmarks.midi import GROUPS
from benchmarks.note_scores import Tally, matched_hits, matched_notes, one_moment
from benchmarks.starter_prompts import named
from training.starter.corpus.compose import compose
from training.starter.corpus.plan import MAJOR_LIKE
from training.starter.corpus.progressions import SCALE_STEPS
from training.starter.corpus.render import CorpusBeat, render, truth
from training.starter.corpus.score import PARTS, QUALITIES, Score
from training.starter.tokens import facts_of
from typebeat.engines import BeatConditions, Listeners
from typebeat.engines.beat.musicgen import MusicGenEngine
from typebeat.hearing.passport import Grid
from typebeat.midi.notes import DRUM_PITCHES, Marker, Note
from typebeat.midi.transcript import Transcript, write_down
from typebeat.parts.midi import hear_parts
from typebeat.request.captions import model_caption
from typebeat.request.chord_names import QUALITIES as TYPED_QUALITIES
from typebeat.request.chord_names import read_chord
from typebeat.request.chord_text import ChordChart, read_chords
from typebeat.request.midi_options import MidiOptions
from typebeat.request.reading import describe_concepts
from typebeat.request.words import NOTE_NAMES
from typebeat.sound.audio import SAMPLE_RATE, Audio, resample

NOTE_SEEDS, VARIETY_SEED = 920_000, 7_000
GIVEN = ("chords_typed", "melody", "drums", "808")
HEARD_FOR = {"chords_typed": ("808", "chords"), "melody": ("melody",), "drums": ("drums",), "808": ("drums", "808")}
VARIED = BeatConditions("", 140.0, "F minor")
VARIED_PROMPT, VARIED_STYLE = "dark trap, bells melody, piano chords, long 808", "travis-scott"
UNHEARD = ("sus2", "sus4", "5", "aug")  # kinds of chords that the project's MIDI has no name for
ON_GRID_SECONDS = 0.025
GRID = np.unique(np.concatenate([np.arange(4) / 4, np.arange(6) / 6]))  # sixteenths and triplets of a beat
_MOST_AT_ONCE = 5  # takes


@dataclass(frozen=True)
class Wish:
    """An unseen corpus beat in which all parts play throughout, and the words that ask for it."""

    beat: CorpusBeat
    prompt: str
    chart: ChordChart

    @property
    def conditions(self) -> BeatConditions:
        """What a model is asked for, but for its caption."""
        plan = self.beat.score.plan
        return BeatConditions("", plan.bpm, plan.key)

    @property
    def seconds(self) -> float:
        """Length of the beat."""
        return len(self.beat.mix) / self.beat.sample_rate


def draw_wishes(count: int, bars: int) -> list[Wish]:
    """Returns `count` corpus beats: of the first seeds that leave no part out and whose notes the project's MIDI hears.

    Chords are such as it has names for, and the bass is an 808 without glides: of glides it hears 80 % in the corpus.
    """
    wishes: list[Wish] = []
    seed = NOTE_SEEDS
    while len(wishes) < count:
        score = compose(seed, bars, loop=True)
        seed += 1
        plain = all(chord.bass == chord.root and chord.quality not in UNHEARD for chord in score.chords_named)
        is_808 = score.plan.bass_sound == "808" and "glide" not in score.plan.bass_traits
        if plain and is_808 and not score.plan.left_out:
            words = describe_concepts(named(score.plan), Random(seed), "en")
            wishes.append(Wish(rendered(score), words, read_chords(chart_text(score))))
    return wishes


def rendered(score: Score) -> CorpusBeat:
    """Returns a composed beat with its sound."""
    return CorpusBeat(score, render(score), truth(score))


def chart_text(score: Score) -> str:
    """Returns a corpus beat's chords as somebody would type them, with their lengths: "Fm:4 Db:4"."""
    return " ".join(
        f"{NOTE_NAMES[chord.root]}{_typed(chord.quality)}" + f":{chord.length:g}" for chord in score.chords_named
    )


def _typed(quality: str) -> str:
    return next(name for name, steps in TYPED_QUALITIES.items() if steps == QUALITIES[quality])


def harmony_of(chart: ChordChart, bpm: float) -> list[tuple]:
    """Returns a typed chart as `roll.notes_text` takes chords by name."""
    beat = 60 / bpm
    return [
        (
            chord.start * beat,
            (chord.start + chord.beats) * beat,
            chord.bass,
            [(chord.root + step) % 12 for step in TYPED_QUALITIES[chord.quality]],
        )
        for chord in chart.chords
        if chord.root is not None
    ]


class NotesMeasure:
    """Makes beats to given notes and parts, and hears them.

    Args:
        engine: With a starter that knows given notes.
        listeners: The networks that hear MIDI.
        wishes: Of `draw_wishes`.
    """

    def __init__(self, engine: MusicGenEngine, listeners: Listeners, wishes: Sequence[Wish]):
        self._engine, self._listeners, self._wishes = engine, listeners, wishes

    def figures(self) -> dict[str, float]:
        """Returns how many of the given notes are heard, and what parts made anew are like."""
        given, anew = _Given(), _Anew()
        for number, wish in enumerate(self._wishes):
            takes = {what: self._make(wish, what, number) for what in GIVEN}
            for what, take in takes.items():
                given.count(wish, what, hear(take.parts, HEARD_FOR[what], wish, self._listeners))
            self._make_anew(wish, number, takes["chords_typed"], anew)
        return given.figures() | anew.figures()

    def _conditions(self, wish: Wish) -> BeatConditions:
        plan = wish.beat.score.plan
        known = self._engine.concepts
        return replace(wish.conditions, caption=model_caption(wish.prompt, plan.style, plan.bpm, plan.key, known))

    def _make(self, wish: Wish, what: str, seed: int):
        if what == "chords_typed":
            given = {"harmony": harmony_of(wish.chart, wish.beat.score.plan.bpm)}
        else:
            given = {what: facts_of(wish.beat.score).notes[what]}
        return self._engine.generate(replace(self._conditions(wish), given=given), wish.seconds, [seed])[0]

    def _make_anew(self, wish: Wish, number: int, before, anew: _Anew) -> None:
        part = PARTS[number % len(PARTS)]
        kept = {name: self._engine.part_tokens(before.tokens, name) for name in PARTS if name != part}
        after = self._engine.generate(replace(self._conditions(wish), kept=kept), wish.seconds, [1000 + number])[0]
        anew.equal += [np.array_equal(before.parts[name].samples, after.parts[name].samples) for name in kept]
        needed = ("drums", part) if part == "808" else (part,)
        written = hear(after.parts, needed, wish, self._listeners)
        anew.add(notes_of(written, part), part, wish.beat.score.plan)

    def variety(self, seeds: int, bars: int) -> dict[str, float]:
        """Returns how many of the pairs of `seeds` takes of one prompt share drums, and drums and melody."""
        caption = model_caption(VARIED_PROMPT, VARIED_STYLE, VARIED.bpm, VARIED.key, self._engine.concepts)
        seconds = bars * 240 / VARIED.bpm
        takes = []
        for first in range(0, seeds, _MOST_AT_ONCE):
            numbers = range(VARIETY_SEED + first, VARIETY_SEED + min(first + _MOST_AT_ONCE, seeds))
            takes += self._engine.generate(replace(VARIED, caption=caption), seconds, list(numbers))
        grid = Grid(VARIED.bpm, 0.0, bars)
        heard = [write(take.parts, ("drums", "melody"), grid, VARIED.key, self._listeners) for take in takes]
        drums, melodies = ([on_grid(notes_of(each, part), grid) for each in heard] for part in ("drums", "melody"))
        pairs = list(combinations(range(len(takes)), 2))
        same_drums = [drums[i] == drums[j] for i, j in pairs]
        same_both = [drums[i] == drums[j] and melodies[i] == melodies[j] for i, j in pairs]
        return {"same_drums": int(sum(same_drums)), "same_drums_and_melody": int(sum(same_both))}


def corpus_figures(wishes: Sequence[Wish], listeners: Listeners) -> dict[str, float]:
    """Returns the same figures of the corpus's own parts, which is what the ear can hear."""
    given, anew = _Given(), _Anew()
    for number, wish in enumerate(wishes):
        parts = {name: Audio(sound[None], wish.beat.sample_rate) for name, sound in wish.beat.stems.items()}
        written = hear(parts, PARTS, wish, listeners)
        for what in GIVEN:
            given.count(wish, what, written)
        part = PARTS[number % len(PARTS)]
        anew.add(notes_of(written, part), part, wish.beat.score.plan)
    return given.figures() | anew.figures()


def hear(parts: Mapping[str, Audio], needed: Iterable[str], wish: Wish, listeners: Listeners) -> Transcript:
    """Writes down what the parts of a beat play, all but the needed ones as if silent."""
    plan = wish.beat.score.plan
    return write(parts, needed, Grid(plan.bpm, 0.0, plan.bars), plan.key, listeners)


def write(parts: Mapping[str, Audio], needed: Iterable[str], grid: Grid, key: str, listeners: Listeners) -> Transcript:
    """Writes down the needed parts on a grid."""
    sounds = {
        name: resample(part if name in needed else replace(part, samples=0 * part.samples), SAMPLE_RATE)
        for name, part in parts.items()
    }
    return write_down(hear_parts(sounds, listeners), grid, key, MidiOptions(bpm=grid.bpm))


def notes_of(written: Transcript, part: str) -> tuple[Note, ...]:
    """Returns a part's notes."""
    return next(each.notes for each in written.parts if each.name == part)


def on_grid(notes: Sequence[Note], grid: Grid) -> frozenset[tuple[int, int]]:
    """Returns notes as (sixteenth, pitch)."""
    return frozenset((round(note.onset / grid.sixteenth_seconds), note.pitch) for note in notes)


class _Given:
    """Counts given notes and chords that are heard."""

    def __init__(self) -> None:
        self._tally, self._chords = Tally(), []

    def count(self, wish: Wish, what: str, written: Transcript) -> None:
        true = wish.beat.truth
        if what == "chords_typed":
            self._chords += right_chords(wish, written.markers)
        elif what == "drums":
            for names in (GROUPS["kick"], GROUPS["snare"], GROUPS["hat"]):
                pitches = {DRUM_PITCHES[name] for name in names}
                onsets = one_moment([hit.onset for hit in true["drums"] if hit.drum in names])
                found = one_moment([note.onset for note in notes_of(written, "drums") if note.pitch in pitches])
                self._tally.count("drums", len(matched_hits(onsets, found)), len(found), len(onsets))
        else:
            notes = notes_of(written, what)
            self._tally.count(what, len(matched_notes(true[what], notes)), len(notes), len(true[what]))

    def figures(self) -> dict[str, float]:
        told = self._tally.figures()
        f1 = {f"given_{what}_f1": told[f"f1_{what}"] for what in GIVEN if what != "chords_typed"}
        return {"given_chords": float(np.mean(self._chords)), **f1}


def right_chords(wish: Wish, markers: Sequence[Marker]) -> list[bool]:
    """Returns for each half bar whether root, third and fifth of the chord are heard as typed."""
    plan = wish.beat.score.plan
    right = []
    for half in range(2 * plan.bars):
        at = half * 120 / plan.bpm
        name = next((mark.text for mark in reversed(markers) if mark.at <= at + 0.01), "N.C.")
        heard, typed = read_chord(name), wish.chart.chord_at(2.0 * half)
        right.append(heard.root == typed.root and heard.root is not None and _triad(heard) == _triad(typed))
    return right


def _triad(chord) -> tuple[bool, bool]:
    """Whether the third is minor, and the fifth diminished; a chord without a third counts as major."""
    steps = TYPED_QUALITIES[chord.quality]
    return 3 in steps and 4 not in steps, 6 in steps and 7 not in steps


class _Anew:
    """Counts what parts made anew are like."""

    def __init__(self) -> None:
        self.equal: list[bool] = []
        self._in_key: list[float] = []
        self._on_grid: list[float] = []

    def add(self, notes: Sequence[Note], part: str, plan) -> None:
        """Adds a part's notes; one without any is neither in key nor on the grid."""
        beats = np.array([note.onset for note in notes]) * plan.bpm / 60
        off = np.abs(beats[:, None] - np.floor(beats)[:, None] - np.append(GRID, 1.0)).min(axis=1) if notes else [9.0]
        self._on_grid.append(float(np.mean(np.array(off) * 60 / plan.bpm < ON_GRID_SECONDS)))
        if part != "drums":
            self._in_key.append(share_in_key([note.pitch for note in notes], plan.key))

    def figures(self) -> dict[str, float]:
        means = {"again_in_key": self._in_key, "again_on_grid": self._on_grid}
        equal = {"again_equal": float(np.mean(self.equal))} if self.equal else {}
        return equal | {name: float(np.mean(values)) for name, values in means.items() if values}


def share_in_key(pitches: Sequence[int], key: str) -> float:
    """Returns the share of pitches in the scale of a key that has most of them: of the scales that the corpus uses."""
    tonic, mode = key.split()
    scales = [steps for name, steps in SCALE_STEPS.items() if (name in MAJOR_LIKE) == (mode == "major")]
    classes = (np.array(pitches, int) - NOTE_NAMES.index(tonic)) % 12
    return max((float(np.isin(classes, steps).mean()) for steps in scales), default=0.0) if len(classes) else 0.0
