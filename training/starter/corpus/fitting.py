"""Fits motifs to chords: scale steps become pitches, and notes that carry weight become tones of the chord."""

import numpy as np

from training.starter.corpus.motifs import Motif
from training.starter.corpus.playing import PLAYING, Playing
from training.starter.corpus.progressions import scale_of
from training.starter.corpus.score import Chord, Event, Plan

_HALF_WINDOW = 10


def centre_of(rng: np.random.Generator, plan: Plan) -> float:
    """Returns the middle pitch of the melody: higher or lower by the plan's traits."""
    playing = PLAYING[plan.lead]
    if "high" in plan.melody_traits:
        return min(playing.high - 6.0, float(rng.uniform(82, 87)))
    if "low" in plan.melody_traits:
        return max(playing.low + 4.0, float(rng.uniform(59, 62)))
    return float(np.clip(rng.uniform(67, 76), playing.low + 7, playing.high - 7))


def chords_by_half_bar(plan: Plan, chords: tuple[Chord, ...]) -> list[Chord]:
    """Returns the chord that sounds in each half bar."""
    by_half: list[Chord] = []
    for chord in chords:
        by_half += [chord] * round(chord.length / 2)
    return by_half[: plan.bars * 2]


def _reflected(at: int, top: int) -> int:
    """Returns a place from 0 to `top`; places beyond turn back at the end."""
    at = abs(at) if abs(at) <= top else 2 * top - abs(at)
    return min(max(at, 0), top)


class Fitter:
    """Writes motifs as events over a beat's chords, in one instrument's window of pitches."""

    def __init__(self, plan: Plan, chords: tuple[Chord, ...], playing: Playing, centre: float):
        self.by_half = chords_by_half_bar(plan, chords)
        self.scale = scale_of(plan.key, plan.scale)
        low = max(playing.low, round(centre) - _HALF_WINDOW)
        high = min(playing.high, round(centre) + _HALF_WINDOW)
        self.window = range(low, high + 1)
        self.ladder = [p for p in self.window if p % 12 in self.scale]
        self.anchor = min(range(len(self.ladder)), key=lambda i: abs(self.ladder[i] - centre))
        self.anchor_pitch = self.ladder[self.anchor]
        self._tones: dict[tuple[int, str], list[int]] = {}

    def fit(self, rng: np.random.Generator, motif: Motif, bar: int, start: float, stop: float) -> list[Event]:
        """Returns the motif's notes between two beats; the motif itself starts with `bar`."""
        events: list[Event] = []
        before = None
        for i, note in enumerate(motif.notes):
            beat = bar * 4 + note.beat
            if not start <= beat < stop:
                continue
            chord = self.by_half[int(beat // 2)]
            pitch = self._chordal(note.step, chord) if motif.chordal else self._pitch(note.step)
            last = i == len(motif.notes) - 1
            if not motif.chordal:
                leans = note.length < 1 and (note.step * 7 + round(note.beat * 4)) % 5 == 0  # a suspension, at times
                strong = (note.beat % 2 == 0 and not leans) or note.length >= 1 or last
                pitch = self._fitted(pitch, chord, strong, note.length, before)
            length = min(note.length, stop - beat)
            if length > 2:
                length = self._held(pitch, beat, length)
            events.append(Event(beat, length, pitch, note.accent))
            before = pitch
        return events

    def neighbour(self, pitch: int, direction: int) -> int:
        """Returns the next pitch of the scale above (1) or below (-1)."""
        return next(p for p in range(pitch + direction, pitch + 4 * direction, direction) if p % 12 in self.scale)

    def nearest_tone(self, pitch: float, chord: Chord, before: int | None = None) -> int:
        """Returns the tone of the chord nearest to a pitch, if possible not far from the note before."""
        away = 0.0 if before is None else 0.25
        return min(self.tones(chord), key=lambda p: abs(p - pitch) + away * abs(p - (before or p)))

    def tones(self, chord: Chord) -> list[int]:
        """Returns the pitches of a chord in the window."""
        name = (chord.root, chord.quality)
        if name not in self._tones:
            own = set(chord.tones)
            if chord.quality == "5":  # the third is free: the scale's
                own |= {(chord.root + s) % 12 for s in (3, 4)} & set(self.scale)
            self._tones[name] = [p for p in self.window if p % 12 in own]
        return self._tones[name]

    def _pitch(self, step: int) -> int:
        """Returns the pitch some scale steps from the anchor, reflected at the ends of the window."""
        return self.ladder[_reflected(self.anchor + step, len(self.ladder) - 1)]

    def _chordal(self, step: int, chord: Chord) -> int:
        tones = self.tones(chord)
        first = next((i for i, p in enumerate(tones) if p >= self.anchor_pitch - 6), 0)
        return tones[_reflected(first + step, len(tones) - 1)]

    def _fitted(self, pitch: int, chord: Chord, strong: bool, length: float, before: int | None) -> int:
        """Returns the pitch, or a tone of the chord near it where the pitch would rub."""
        tones = set(chord.tones)
        if pitch % 12 in tones:
            return pitch
        altered = {t for t in tones if t not in self.scale}
        strong |= (pitch - 1) % 12 in tones and length >= 0.5
        strong |= bool(altered & {(pitch + 1) % 12, (pitch - 1) % 12})
        return self.nearest_tone(pitch, chord, before) if strong else pitch

    def _held(self, pitch: int, beat: float, length: float) -> float:
        """Returns how long a note may be held: into the next chord only if it fits there."""
        end = beat + length
        half = int(beat // 2) + 1
        while half * 2 < end and half < len(self.by_half):
            chord = self.by_half[half]
            if (pitch % 12) not in chord.tones and (pitch - 1) % 12 in chord.tones:
                return max(0.5, half * 2 - beat)
            half += 1
        return length
