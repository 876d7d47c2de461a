"""A MIDI file that somebody brings: its voices, and which part of a beat each one is, by channel, program, name, range.

Type 0, 1 and 2, running status and tempo maps are read (mido parses); what cannot be used is refused with one line.
A voice is one channel of one track; which part it plays is a guess with its reason (`parts_of.py`), shown and corrected
with `MidiSong.corrected`. Notes keep their beats, so that they can be played at any tempo.
"""

from __future__ import annotations

import contextlib
import os
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import mido

from typebeat.midi.notes import PART_NAMES, Note, without_overlaps
from typebeat.midi.parts_of import LEFT_OUT, BeatNote, Voice, guess_parts, split_voices, to_kit
from typebeat.midi.strict_bytes import StrictBytes, TooManyEventsError
from typebeat.request.options import RequestError, listed, shown
from typebeat.request.requests import BeatRequest

FIELD, VOICES = "file", "voices"
AS_SAID = "as you said"  # why a voice that was corrected plays its part
MOST_BYTES = 1_000_000  # a dense song of ten minutes has a third of it
MOST_NOTES = 20_000
MOST_MINUTES = 30
LONGEST_WAIT = 0x0FFFFFFF  # ticks between two events, as the standard says
MOST_BARS: int = next(each for each in fields(BeatRequest) if each.name == "bars").metadata["high"]  # of a beat
DEFAULT_BPM = 120.0  # of a file that names no tempo, as the standard says
WHAT_WORKS = "a standard MIDI file (.mid) with notes works"

_HEADER = b"MThd"
_RIFF_BYTES = 20  # before the header of a file in a wrapper
_FINEST_METRE = 64  # the smallest note value that a bar may count in
_NEAREST_SECONDS = 0.01


@dataclass(frozen=True)
class Tempo:
    """A tempo from a beat on: quarters a minute, and when in s the beat is."""

    beat: float
    bpm: float
    seconds: float


@dataclass(frozen=True)
class MidiSong:
    """A MIDI file as a beat can use it.

    Attributes:
        voices: Each with its notes in beats and the part that it plays.
        tempos: The tempo map; the first tempo holds from beat 0 on.
        metre: The first time signature, such as (4, 4).
        remarks: What should be known of the file, a line each.
        end: Quarters to the end of its longest track, which may lie behind the last note.
    """

    voices: tuple[Voice, ...]
    tempos: tuple[Tempo, ...]
    metre: tuple[int, int]
    remarks: tuple[str, ...] = field(default=())
    end: float = 0.0

    @property
    def bpm(self) -> float:
        """The tempo that holds for the most beats, in quarters a minute."""
        ends = [tempo.beat for tempo in self.tempos[1:]] + [max(self.beats, self.tempos[-1].beat)]
        lengths: dict[float, float] = defaultdict(float)
        for tempo, end in zip(self.tempos, ends, strict=True):
            lengths[tempo.bpm] += end - tempo.beat
        return max(lengths, key=lambda bpm: lengths[bpm])

    @property
    def beats(self) -> float:
        """Quarters from the file's start to the end of its last note."""
        return max((note.end for voice in self.voices for note in voice.notes), default=0.0)

    @property
    def bars(self) -> int:
        """Bars of the first metre; a started one counts, and so do silent ones at the end of a clip."""
        played = int(-(-self.beats // (4 * self.metre[0] / self.metre[1])))
        return max(played, self.clip_bars)

    @property
    def clip_bars(self) -> int:
        """Bars to the end of a file that ends on a bar line and is no longer than a beat; else 0."""
        bars = self.end / (4 * self.metre[0] / self.metre[1])
        return int(bars) if bars == int(bars) <= MOST_BARS else 0

    def seconds_at(self, beat: float) -> float:
        """When a beat is by the file's own tempo map, in s."""
        tempo = self.tempos[max(0, bisect_right([each.beat for each in self.tempos], beat) - 1)]
        return tempo.seconds + (beat - tempo.beat) * 60 / tempo.bpm

    def notes_of(self, part: str, bpm: float | None = None) -> tuple[Note, ...]:
        """The notes of a part in s: at one constant tempo, or by the file's tempo map where `bpm` is None."""
        chosen = [note for voice in self.voices if voice.part == part for note in voice.notes]

        def at(beat: float) -> float:
            return self.seconds_at(beat) if bpm is None else beat * 60 / bpm

        notes = [Note(at(note.beat), at(note.end), note.pitch, note.velocity) for note in chosen]
        if part == "drums":
            notes = [replace(note, pitch=to_kit(note.pitch)) for note in notes]
        return without_overlaps(notes, _NEAREST_SECONDS)

    def corrected(self, parts: Mapping[int, str]) -> MidiSong:
        """The same with other parts for some voices, by the voice's number; "" leaves one out.

        Raises:
            RequestError: there is no such voice or part.
        """
        numbers = {voice.number for voice in self.voices}
        for number, part in parts.items():
            if number not in numbers:
                raise RequestError(VOICES, f"there is no voice {shown(number)}; there are 1 to {max(numbers)}")
            if part not in (*PART_NAMES, LEFT_OUT):
                raise RequestError(VOICES, f"part {shown(part)} is unknown; choose {listed(PART_NAMES)}, or none")
        voices = [
            replace(voice, part=parts[voice.number], why=AS_SAID) if voice.number in parts else voice
            for voice in self.voices
        ]
        return replace(self, voices=tuple(voices))

    def lines(self) -> list[str]:
        """What was read in plain words, a line each."""
        changes = f", and {len(self.tempos) - 1} changes of tempo" if len(self.tempos) > 1 else ""
        head = f"{self.bpm:.4g} BPM{changes}, {self.metre[0]}/{self.metre[1]}, {self.bars} bars"
        return [head, *(voice.line for voice in self.voices), *self.remarks]


def read_midi(path: str | os.PathLike[str]) -> MidiSong:
    """Reads a MIDI file.

    Raises:
        RequestError: of the field "file": there is none, it is no MIDI, damaged, too large, or without notes.
    """
    path = Path(path)
    name = repr(path.name if len(path.name) <= 60 else f"{path.name[:57]}...")
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise _wrong(f"{name} is no file")
        if size > MOST_BYTES:
            raise _too_large(name, size)
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise _wrong(f"there is no file {name}") from error
    except OSError as error:
        raise _wrong(f"{name} cannot be read: {error.strerror}") from error
    return parse_midi(content, name)


def parse_midi(content: bytes, name: str = "the file") -> MidiSong:
    """The same from a file's bytes; `name` is what errors call it."""
    if content[:4] == b"RIFF" and content[8:12] == b"RMID":  # the same in a wrapper, .rmi
        content = content[_RIFF_BYTES:]
    if not content.startswith(_HEADER):
        raise _wrong(f"{name} is no MIDI file; {WHAT_WORKS}")
    if len(content) > MOST_BYTES:
        raise _wrong(
            f"{name} has {len(content) / 1e6:.1f} MB of events; up to {MOST_BYTES / 1e6:g} MB are read: cut it"
        )
    try:
        file = mido.MidiFile(file=StrictBytes(content), clip=True)
        if any(message.time > LONGEST_WAIT for track in file.tracks for message in track):
            raise ValueError("a number of more than four bytes")
    except TooManyEventsError as error:
        raise _wrong(f"{name} holds more events than any song; up to {MOST_NOTES:,} notes are read: cut it") from error
    except Exception as error:  # mido passes on whatever a damaged file leads to
        raise _wrong(f"{name} is damaged or cut off; export it again: {WHAT_WORKS}") from error
    if file.ticks_per_beat == 0:
        raise _wrong(f"{name} is damaged: a beat of it has no length; export it again")
    if file.ticks_per_beat < 0:
        raise _wrong(f"{name} counts time in film frames, not in beats; export it with ticks a quarter (PPQ)")
    remarks: list[str] = []
    starts = _track_starts(file, remarks)
    voices, waiting = _voices(file, starts)
    if not voices:
        raise _wrong(f"{name} holds no notes; {WHAT_WORKS}")
    count = sum(len(voice.notes) for voice in voices)
    if count > MOST_NOTES:
        raise _wrong(f"{name} holds {count:,} notes; up to {MOST_NOTES:,} are read: cut it")
    if waiting:
        told = "a note has no end and lasts" if waiting == 1 else f"{waiting} notes have no end and last"
        remarks.append(f"{told} to the end of the track")
    voices = guess_parts(split_voices(voices))
    ends = [start + sum(message.time for message in track) for track, start in zip(file.tracks, starts, strict=True)]
    end = max(ends) / file.ticks_per_beat
    song = MidiSong(tuple(voices), _tempos(file, starts), _metre(file, remarks), tuple(remarks), end)
    minutes = song.seconds_at(song.beats) / 60
    if minutes > MOST_MINUTES:
        raise _wrong(f"{name} lasts {minutes:.0f} minutes; up to {MOST_MINUTES} are read: cut it")
    if len(song.tempos) > 1:
        remarks.append(
            f"its tempo changes; its notes are played at one tempo, {song.bpm:.4g} BPM unless you say another"
        )
    return replace(song, remarks=tuple(remarks))


def _track_starts(file: mido.MidiFile, remarks: list[str]) -> list[int]:
    """The tick at which each track starts: 0, but of type 2 one track after another, from a whole beat on."""
    if file.type != 2:
        return [0] * len(file.tracks)
    starts, now = [], 0
    for track in file.tracks:
        starts.append(now)
        length = sum(message.time for message in track)
        now += -(-length // (4 * file.ticks_per_beat)) * 4 * file.ticks_per_beat
    patterns = sum(any(message.type == "note_on" for message in track) for track in file.tracks)
    if patterns > 1:
        remarks.append(f"it holds {patterns} patterns (type 2), which are played one after another")
    return starts


def _voices(file: mido.MidiFile, starts: list[int]) -> tuple[list[Voice], int]:
    """Each channel of each track that has notes, and how many notes had no end."""
    voices: list[Voice] = []
    waiting = 0
    programs: dict[int, int] = {}  # of a channel, whichever track sets it
    for track, start in zip(file.tracks, starts, strict=True):
        tick, name = start, ""
        own: dict[int, int] = {}  # program of a channel in this track
        notes: dict[int, list[BeatNote]] = defaultdict(list)
        sounding: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
        for message in track:
            tick += message.time
            if message.type == "track_name":
                name = name or _readable(message.name)
            elif message.type == "program_change":
                programs.setdefault(message.channel, message.program)
                own.setdefault(message.channel, message.program)
            elif message.type in ("note_on", "note_off"):
                key = message.channel, message.note
                if message.type == "note_on" and message.velocity:
                    sounding[key].append((tick, message.velocity))
                elif sounding[key]:
                    began, velocity = sounding[key].popleft()
                    notes[message.channel].append(_note(began, tick, message.note, velocity, file.ticks_per_beat))
        for (channel, pitch), left in sounding.items():
            waiting += len(left)
            notes[channel] += [_note(began, tick, pitch, velocity, file.ticks_per_beat) for began, velocity in left]
        played_by = {channel: played for channel, played in sorted(notes.items()) if played}  # not ends without a note
        for channel, played in played_by.items():
            played.sort(key=lambda note: (note.beat, note.pitch))
            number = len(voices) + 1
            is_title = file.type == 0 and len(played_by) > 1  # the one track's name is the song's
            voices.append(Voice(number, "" if is_title else name, channel + 1, own.get(channel), tuple(played)))
    known = [programs.get(voice.channel - 1) if voice.program is None else voice.program for voice in voices]
    return [replace(voice, program=program) for voice, program in zip(voices, known, strict=True)], waiting


def _note(began: int, ended: int, pitch: int, velocity: int, ticks_per_beat: int) -> BeatNote:
    return BeatNote(began / ticks_per_beat, max(1, ended - began) / ticks_per_beat, pitch, velocity)


def _tempos(file: mido.MidiFile, starts: list[int]) -> tuple[Tempo, ...]:
    """The tempo map of all tracks, without changes that change nothing."""
    changes: dict[float, float] = {}
    for track, start in zip(file.tracks, starts, strict=True):
        tick = start
        for message in track:
            tick += message.time
            if message.type == "set_tempo" and message.tempo > 0:
                changes[tick / file.ticks_per_beat] = mido.tempo2bpm(message.tempo)
    first = changes.get(0.0, next(iter(sorted(changes.items())), (0, DEFAULT_BPM))[1])
    tempos = [Tempo(0.0, first, 0.0)]
    for beat, bpm in sorted(changes.items()):
        last = tempos[-1]
        if beat > last.beat and bpm != last.bpm:
            tempos.append(Tempo(beat, bpm, last.seconds + (beat - last.beat) * 60 / last.bpm))
    return tuple(tempos)


def _metre(file: mido.MidiFile, remarks: list[str]) -> tuple[int, int]:
    metres = [
        (message.numerator, message.denominator)
        for track in file.tracks
        for message in track
        if message.type == "time_signature" and message.numerator > 0 and message.denominator <= _FINEST_METRE
    ]
    metre = metres[0] if metres else (4, 4)
    if len(metres) > 1 and 4 * metre[0] / metre[1] < 2:  # a pickup written as a bar of its own
        metre = metres[1]
    if len(set(metres)) > 1:
        remarks.append(f"its metre changes; {metre[0]}/{metre[1]} is taken for all of it")
    if metre[0] != metre[1]:
        remarks.append(f"it is in {metre[0]}/{metre[1]}; beats are made in 4/4")
    return metre


def _readable(name: str) -> str:
    """A track's name as text: mido reads Latin-1, most programs write UTF-8."""
    with contextlib.suppress(UnicodeError):
        name = name.encode("latin-1").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:60]


def _too_large(name: str, size: int) -> RequestError:
    return _wrong(f"{name} has {size / 1e6:.1f} MB of events; up to {MOST_BYTES / 1e6:g} MB are read: cut it")


def _wrong(message: str) -> RequestError:
    return RequestError(FIELD, message)
