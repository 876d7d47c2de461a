"""Puts what was brought on the bars of a beat: the sample as a loop of their exact length, notes as the model is told.

The sample is cut to whole bars, stretched at its pitch if another tempo is asked for, and repeated; at its own tempo
not a sample of it is changed. Notes and chords are repeated until the beat is full.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from typebeat.hearing.tuning import SURE_OF_TUNING
from typebeat.midi.notes import DRUM_PITCHES, Note
from typebeat.parts.own import Reference
from typebeat.parts.own.settling import octave
from typebeat.request.options import RequestError
from typebeat.request.reference import CONTINUE
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.request.settled import SettledRequest
from typebeat.sound.audio import SAMPLE_RATE, Audio, loop_length, resample
from typebeat.sound.stretching import MOST_STRETCH, stretched, whole_loop

TUNED_FROM_CENTS = 4.0  # new parts are tuned to a sample that is further off than this
KNOWN_WITHIN = 0.003  # share: a tempo this near to the one that was heard is the one that was meant
BEYOND_SECONDS = 12.0  # notes are told beyond the loop's end, since models make a little more

FADE_SECONDS = 0.25  # in which a sound that is continued goes on under what follows

_DRUM_NAMES = {pitch: name for name, pitch in DRUM_PITCHES.items()}
Given = Mapping[str, Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class PlacedSample:
    """A sample on the bars of a beat.

    Attributes:
        sound: (1 or 2, n) at `SAMPLE_RATE`, exactly as long as the beat's loop.
        cents: By which new parts are tuned to it.
        speed: How much faster it is played than it came, 1.02 for 2 %.
        period: Seconds after which it repeats, or new bars follow.
    """

    sound: Audio = field(repr=False)
    cents: float
    speed: float
    period: float


@dataclass(frozen=True)
class Cut:
    """Which piece of a sample goes on the bars of a beat.

    Attributes:
        start: Its first sample, at `SAMPLE_RATE`.
        length: Its samples.
        period: Samples that it has in the beat.
        cents: By which new parts are tuned to it.
    """

    start: int
    length: int
    period: int
    cents: float

    @property
    def speed(self) -> float:
        """How much faster it is played than it came, 1.02 for 2 %."""
        return self.length / self.period


def cut_of(reference: Reference, request: SettledRequest) -> Cut:
    """Decides which whole bars of a reference's sound go on the bars of a resolved request.

    Raises:
        RequestError: it would have to be played more than twice as fast or slow, or leaves no bars to continue it.
    """
    heard, audio, bpm = reference.sample, reference.audio, request.bpm
    if heard is None or audio is None:
        raise ValueError("only a sample can be placed")
    own = heard.grid.bpm
    factor = octave(own, bpm)
    if not heard.is_loop and abs(own * factor / bpm - 1) < KNOWN_WITHIN:
        own = bpm / factor
    bars = min(heard.grid.bars * factor, request.bars)  # of the beat
    start = round(heard.grid.downbeat * SAMPLE_RATE)
    own_bars = bars / factor
    is_all = heard.is_loop and not start and own_bars == heard.grid.bars
    seconds = audio.seconds if is_all else own_bars * BEATS_PER_BAR * 60 / own
    cut, period = round(seconds * SAMPLE_RATE), round(bars * BEATS_PER_BAR * 60 / bpm * SAMPLE_RATE)
    if not 1 / MOST_STRETCH <= cut / period <= MOST_STRETCH:
        raise RequestError(
            "bpm", f"the sample is heard at {own:.4g} BPM, too far from {bpm:g} to be played there; ask for {own:.4g}"
        )
    length = loop_length(request.bars, BEATS_PER_BAR, bpm)
    if reference.use == CONTINUE and period > length - round(length / request.bars / 2):
        raise RequestError("bars", f"it is {request.bars} bars long or longer; ask for more bars, which continue it")
    cents = heard.tuning_cents if heard.sure_of_tuning >= SURE_OF_TUNING else 0.0
    return Cut(start, cut, period, cents if abs(cents) >= TUNED_FROM_CENTS else 0.0)


def place_sample(reference: Reference, request: SettledRequest) -> PlacedSample:
    """Puts the reference's sound on the bars of a resolved request, over and over.

    Raises:
        RequestError: as `cut_of`.
    """
    cut, piece = _whole_bars(reference, request)
    length = loop_length(request.bars, BEATS_PER_BAR, request.bpm)
    sound = whole_loop(piece, 0, piece.length, length)
    return PlacedSample(sound, cut.cents, cut.speed, piece.seconds)


def place_start(reference: Reference, request: SettledRequest) -> PlacedSample:
    """Puts the reference's sound on the first bars of a resolved request, for new ones to follow.

    Raises:
        RequestError: as `cut_of`.
    """
    cut, piece = _whole_bars(reference, request)
    length = loop_length(request.bars, BEATS_PER_BAR, request.bpm)
    fade = min(round(FADE_SECONDS * SAMPLE_RATE), length - piece.length)
    after = piece.samples[:, :fade] * np.linspace(1, 0, fade, dtype=np.float32) ** 2  # as if it began once more
    rest = np.zeros((len(piece.samples), length - piece.length - fade), np.float32)
    sound = Audio(np.concatenate([piece.samples, after, rest], axis=1), SAMPLE_RATE)
    return PlacedSample(sound, cut.cents, cut.speed, piece.seconds)


def _whole_bars(reference: Reference, request: SettledRequest) -> tuple[Cut, Audio]:
    """The reference's whole bars at the tempo of the request and at `SAMPLE_RATE`."""
    cut = cut_of(reference, request)
    if reference.audio is None:
        raise ValueError("only a sample can be placed")
    twice = whole_loop(resample(reference.audio, SAMPLE_RATE), cut.start, cut.length, 2 * cut.length)
    piece = Audio(twice.samples[:, cut.length :], SAMPLE_RATE)  # its second time begins as its end goes on
    if cut.length != cut.period or reference.options.transpose:
        piece = stretched(piece, cut.period, semitones=reference.options.transpose)
    return cut, piece


def tuned_to(part: Audio, cents: float) -> Audio:
    """A pitched part so many cents higher, as long as before."""
    return stretched(part, part.length, cents=cents) if cents else part


def given_notes(reference: Reference, request: SettledRequest) -> Given:
    """The reference's notes and chords as the model is told them, in s, repeated until the beat is full."""
    factor = octave(reference.bpm, request.bpm) if reference.bpm else 1.0
    second = 60 / request.bpm * factor  # of a beat of the reference
    until = request.seconds + BEYOND_SECONDS
    period = reference.bars * BEATS_PER_BAR * second
    given: dict[str, list[tuple[Any, ...]]] = {}
    for part, notes in reference.notes.items():
        moved = [replace(note, onset=note.onset * second, offset=note.offset * second) for note in notes]
        given[part] = told(part, repeated(moved, period, until))
    if reference.chart:
        period = reference.chart.bars * BEATS_PER_BAR * second
        rows = [
            (chord.start * second, (chord.start + chord.beats) * second, chord.bass, list(chord.pitch_classes))
            for chord in reference.chart.chords
            if chord.bass is not None
        ]
        given["harmony"] = [
            (begin + turn * period, end + turn * period, bass, tones)
            for turn in range(math.ceil(until / period))
            for begin, end, bass, tones in rows
            if begin + turn * period < until
        ]
    return given


def repeated(notes: Sequence[Note], period: float, until: float) -> list[Note]:
    """Notes of one period after another until a time; each ends with its period."""
    return [
        replace(note, onset=note.onset + turn * period, offset=min(note.offset, period) + turn * period)
        for turn in range(math.ceil(until / period))
        for note in notes
        if note.onset < period and note.onset + turn * period < until
    ]


def told(part: str, notes: Sequence[Note]) -> list[tuple[Any, ...]]:
    """Notes of a part as `engines.beat.roll.notes_text` takes them."""
    if part == "drums":
        return [
            (round(note.onset, 4), _DRUM_NAMES[note.pitch], round(note.velocity / 127, 2))
            for note in notes
            if note.pitch in _DRUM_NAMES
        ]
    return [
        (round(note.onset, 4), round(note.offset, 4), note.pitch, round(note.velocity / 127, 2), note.glide_to)
        for note in notes
    ]
