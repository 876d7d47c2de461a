"""Which part of a beat a voice of a MIDI file plays: drums, 808, melody or chords, guessed, with the reason.

In this order: a name that is a part's own, such as Chords; the tenth channel, the voice's name, its program, then how
it is played (how low, how many notes at once). A voice that plays chords and a tune above them at once, such as a
piano, is split in two first, unless its name is a part's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from typebeat.midi.notes import CLAP, CLOSED_HAT, CRASH, KICK, OPEN_HAT, PART_NAMES, PERC, RIM, SNARE

DRUM_CHANNEL = 10
LEFT_OUT = ""  # the part of a voice that is not played
LOW_PITCH = 48  # a voice whose notes mostly lie below plays the bass
TOGETHER_BEATS = 0.06  # notes that begin within this are struck together
STRUM_BEATS = 0.25  # the longest that the strings of a strum take
CHORDS_FROM = 1.6  # notes at once, on average
TUNE_SHARE = 0.25  # of the onsets above the chords: fewer are no tune of their own

_BASS_PROGRAMS = (*range(32, 40), 87)
_CHORD_PROGRAMS = (*range(16, 24), *range(48, 55), *range(88, 96))  # organs, ensembles and choirs, pads
_DRUM_PROGRAMS = tuple(range(112, 120))
_NAMES = (  # what a voice's name says, in the order in which it is asked
    (
        "drums",
        r"(?<!steel )(?<!hang )drum|kicks?\b|snare|\bclaps?\b|hi-?\s?hat|\bhats?\b|\bhh\b|cymbal|crash|\brides?\b|"
        r"\bperc(?!y)|\btoms?\b|\brims?\b|\brimshot|shaker|kit\b|conga|bongo|cowbell|\btamb(?!ur)|\bbd\b|\bsd\b|\boh\b|"
        r"\bch\b|\bt[rb]-?\s?[89]0[89]|\b909\b|\bfpc\b|\bsnaps?\b|\bclaves?\b|timbale|"
        r"schlagzeug|becken|trommel|klatsch|bater[ií]a|batterie|bombo|\bcaja|platillo|caisse|charley|ударн|ドラム",
    ),
    ("melody", r"melod|\blead"),  # before "sub" and "beat", which such a name may hold too
    ("808", r"808|\bbass(?!oon|et)|(?<=\w{3})bass\b|\bsub\b|\bbajo\b|ベース|\bбас\b"),
    ("melody", r"lead|voc|voice|solo|tune|theme|hook|topline|flute|whistle|violin|sax|trumpet|bell|pluck|arp"),
    ("chords", r"chord|pad|harmon|comp|keys|piano|rhodes|organ|string|choir|guitar|synth"),
    ("drums", r"beat\b"),
)
_DRUM_NAMES = (  # of a track that plays one drum on any key, as FL Studio writes them
    (KICK, r"kick|\bbd\b|bass\s*drum|bombo|grosse caisse"),
    (CLAP, r"clap|klatsch"),
    (SNARE, r"snare|\bsd\b|\bcaja|caisse claire|trommel"),
    (OPEN_HAT, r"open|\boh\b"),
    (CLOSED_HAT, r"hat|\bhh\b|\bch\b|shaker|ride|becken|platillo|charley"),
    (CRASH, r"crash|cymbal"),
    (RIM, r"rim|stick"),
    (PERC, r"perc|tom|conga|bongo|cowbell|tamb"),
)
_KIT_KEYS = ({35, 36}, {38, 39, 40}, {42, 44, 46})  # kick, snare or clap, hats
_KIT_RANGE = range(35, 60)  # keys
_KIT = {  # General MIDI's drums as the beat's kit has them
    **dict.fromkeys((35, 36), KICK),
    **dict.fromkeys((38, 40), SNARE),
    **dict.fromkeys((37,), RIM),
    **dict.fromkeys((39,), CLAP),
    **dict.fromkeys((42, 44, 51, 53, 59, 69, 70, 82), CLOSED_HAT),
    **dict.fromkeys((46,), OPEN_HAT),
    **dict.fromkeys((49, 52, 55, 57), CRASH),
}


@dataclass(frozen=True)
class BeatNote:
    """A note of a file: its start and length in quarters, MIDI pitch and velocity."""

    beat: float
    beats: float
    pitch: int
    velocity: int

    @property
    def end(self) -> float:
        """Its end in quarters."""
        return self.beat + self.beats


@dataclass(frozen=True)
class Voice:
    """One channel of one track.

    Attributes:
        number: 1 and upwards, by which it is corrected.
        name: Of its track, or empty.
        channel: 1 to 16.
        program: General MIDI program, 0 to 127; None if the file names none.
        notes: In order of their start.
        part: One of `PART_NAMES`, or empty where it is left out.
        why: How that was told, in a few words.
    """

    number: int
    name: str
    channel: int
    program: int | None
    notes: tuple[BeatNote, ...]
    part: str = LEFT_OUT
    why: str = ""

    @property
    def line(self) -> str:
        """The voice in one line, such as "3. Rhodes (channel 2, 64 notes): chords (its name)"."""
        name = self.name or "no name"
        return (
            f"{self.number}. {name} (channel {self.channel}, {len(self.notes)} notes): "
            f"{self.part or 'left out'} ({self.why})"
        )

    def facts(self) -> dict[str, Any]:
        """Plain values for the recipe, the API and --dry-run."""
        told = {"number": self.number, "name": self.name, "channel": self.channel, "program": self.program}
        return {**told, "notes": len(self.notes), "part": self.part, "why": self.why}


def guess_parts(voices: Sequence[Voice]) -> list[Voice]:
    """The voices, each with its part; keys of a drum track that mean none of the drums in its name mean the first."""
    guessed = []
    for voice in voices:
        part, why = (voice.part, voice.why) if voice.why else _part_of(voice)
        notes = voice.notes
        named = _drums_named(voice) if part == "drums" else ()
        if named:
            is_on_keys = voice.channel == DRUM_CHANNEL  # where a key of the kit means what General MIDI says
            kept = {*named, *(_KIT.values() if is_on_keys else ())}
            notes = tuple(note if to_kit(note.pitch) in kept else replace(note, pitch=named[0]) for note in notes)
        guessed.append(replace(voice, part=part, why=why, notes=notes))
    return guessed


def _drums_named(voice: Voice) -> tuple[int, ...]:
    """The drums that a voice's name says, such as Kick and Snare; open hats too where keys tell them apart."""
    named = tuple(pitch for pitch, words in _DRUM_NAMES if re.search(words, _plain(voice.name)))
    if _has_kit(voice):  # whatever it is called
        return ()
    is_told = any(to_kit(note.pitch) == CLOSED_HAT for note in voice.notes)
    return (*named, OPEN_HAT) if CLOSED_HAT in named and is_told else named


def _plain(name: str) -> str:
    return name.lower().replace("_", " ")


def split_voices(voices: Sequence[Voice]) -> list[Voice]:
    """The voices in order; where none is a melody, one that plays a tune above its own chords becomes two."""
    parts = {_part_of(voice)[0] for voice in voices}
    split: list[Voice] = []
    for voice in voices:
        is_mixed = "melody" not in parts and _part_of(voice)[0] == "chords" and not _own_part(voice)
        tune = _tune_above(voice.notes) if is_mixed else ()
        if tune:
            chosen = set(tune)
            rest = tuple(note for note in voice.notes if note not in chosen)
            split.append(replace(voice, notes=tune, part="melody", why="its highest notes, which move alone"))
            split.append(replace(voice, notes=rest, part="chords", why="its lower notes, struck together"))
        else:
            split.append(voice)
    return [replace(voice, number=number) for number, voice in enumerate(split, start=1)]


def to_kit(pitch: int) -> int:
    """The drum of the beat's kit for a drum of General MIDI; what is none becomes percussion."""
    return _KIT.get(pitch, PERC)


def notes_at_once(notes: Sequence[BeatNote]) -> float:
    """How many notes sound while any does, on average."""
    edges = sorted([(note.beat, 1) for note in notes] + [(note.end, -1) for note in notes])
    sounding, last, total, busy = 0, 0.0, 0.0, 0.0
    for beat, change in edges:
        total += sounding * (beat - last)
        busy += (sounding > 0) * (beat - last)
        sounding, last = sounding + change, beat
    return total / busy if busy else 0.0


def _own_part(voice: Voice) -> str:
    """The part that a voice is named after, as Typebeat's own files are; empty if there is none."""
    name = voice.name.strip().lower()
    return name if name in PART_NAMES else LEFT_OUT


def _part_of(voice: Voice) -> tuple[str, str]:
    if _own_part(voice):
        return _own_part(voice), "its name"
    if voice.channel == DRUM_CHANNEL:
        return "drums", "channel 10"
    for part, words in _NAMES:
        if re.search(words, _plain(voice.name)):
            if part == "melody" and notes_at_once(voice.notes) >= 2:
                continue
            if part == "chords" and notes_at_once(voice.notes) < 1.2 and not re.search("chord|pad", _plain(voice.name)):
                continue
            return part, "its name"
    if _is_kit(voice):
        return "drums", "the keys of a drum kit"
    if voice.program in _BASS_PROGRAMS:
        return "808", "its program is a bass"
    if voice.program in _DRUM_PROGRAMS:
        return "drums", "its program is percussion"
    pitches = sorted(note.pitch for note in voice.notes)
    many = notes_at_once(voice.notes) >= CHORDS_FROM
    if pitches[len(pitches) // 2] < LOW_PITCH and not many:
        return "808", "low, and one note at a time"
    if many:
        return "chords", "several notes at a time"
    if voice.program in _CHORD_PROGRAMS and notes_at_once(voice.notes) >= 1.2:
        return "chords", "its program is an ensemble or a pad"
    return "melody", "one note at a time"


def _has_kit(voice: Voice) -> bool:
    """Whether a voice strikes kick, snare and hats as General MIDI lays them on the keys."""
    keys = {note.pitch for note in voice.notes}
    return all(keys & drum for drum in _KIT_KEYS)


def _is_kit(voice: Voice) -> bool:
    """Whether a voice without a program plays a kit and nothing else, some of its drums together."""
    beats = [note.beat for note in voice.notes]
    is_low = all(note.pitch in _KIT_RANGE for note in voice.notes)
    return voice.program is None and _has_kit(voice) and is_low and len(beats) >= len(set(beats)) + 2


def _tune_above(notes: Sequence[BeatNote]) -> tuple[BeatNote, ...]:
    """The notes of a tune on top of chords: each alone at its start, or the top of a chord, and above what sounds."""
    onsets: list[list[BeatNote]] = []
    for note in notes:
        is_strummed = onsets and note.beat - onsets[-1][0].beat < STRUM_BEATS
        if is_strummed and note.beat - onsets[-1][-1].beat < TOGETHER_BEATS:
            onsets[-1].append(note)
        else:
            onsets.append([note])
    alone, tops = [], []
    sounding: list[BeatNote] = []
    for struck in onsets:
        beat = struck[0].beat
        sounding = [note for note in sounding if note.end > beat + TOGETHER_BEATS]
        highest = max(struck, key=lambda note: note.pitch)
        if len(struck) == 1 and highest.pitch > max((note.pitch for note in sounding), default=0):
            alone.append(highest)
        elif len(struck) > 1:
            second = sorted(note.pitch for note in struck)[-2]
            if highest.pitch - second >= 5:  # further above the chord than the chord's tones are apart
                tops.append(highest)
        sounding += [note for note in struck if note is not highest] if len(struck) > 1 else []
    if len(alone) < TUNE_SHARE * len(onsets) or len(alone) < 4 or len(alone) == len(onsets):
        return ()
    return tuple(sorted([*alone, *tops], key=lambda note: note.beat))
