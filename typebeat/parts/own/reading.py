"""Reads what somebody brings, tells its kind, and hears what it is: a sample, a tune, a MIDI file or chords as text."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from typebeat.engines import PitchListener
from typebeat.hearing.grid import Grid
from typebeat.hearing.pitch_track import PitchTrack, track_pitch
from typebeat.hearing.sample import HeardSample, corrected, hear_sample
from typebeat.midi.activations import held_share
from typebeat.midi.chord_notes import chord_notes, transposed
from typebeat.midi.hum import grid_of_line
from typebeat.midi.note_key import key_of_notes
from typebeat.midi.notes import PART_NAMES, Note
from typebeat.midi.reader import read_midi
from typebeat.midi.voice import placed_notes, sung_line
from typebeat.parts.own import CHORDS, MIDI, SOUND, Reference
from typebeat.parts.own.refusals import NoPartError, check_hum, check_sample, check_song, check_use, wrong
from typebeat.request.chord_text import read_chords
from typebeat.request.options import RequestError, shown
from typebeat.request.reference import MELODY, NOTES, SAMPLE, STYLE, ReferenceOptions
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.request.sound_limits import SUFFIXES
from typebeat.request.words import KEYS
from typebeat.sound.audio import Audio
from typebeat.sound.files import read_audio

MIDI_SUFFIXES = (".mid", ".midi", ".kar", ".rmi")
OTHER_SUFFIXES = (".m4a", ".aac", ".mp4", ".wma", ".webm", ".txt", ".json", ".zip")  # files too, if no use
HASH_DIGITS = 16
LISTENED_SECONDS = 40.0  # of a sound, to tell whether anything in it has a pitch
DULL_BELOW = 16_000  # Hz
LOWEST_TUNE = 60  # MIDI pitch from which a melody's middle lies
Remember = Callable[[Hashable, Callable[[], Any]], Any]  # (what, how it is heard): as it was heard before, or now
_MIDI_BEGINS = b"MThd"
_BLOCK_BYTES = 2**20
_FACTORS = {"": 1.0, "x2": 2.0, "/2": 0.5}
_EARLY_BEATS = 1 / 8  # a note this little before the first downbeat belongs to it
_OVER_BARS = 1 / 16  # of a last note that is held beyond its bar
_SHOWN_NAMES = 120  # characters of chords that are told


def _anew(what: Hashable, hear: Callable[[], Any]) -> Any:
    """Remembers nothing."""
    return hear()


def bring(
    source: str | Path,
    options: ReferenceOptions,
    pitches: PitchListener | None = None,
    remember: Remember | None = None,
) -> Reference:
    """Reads a reference and hears what it is.

    Args:
        source: A file as a path; a text is always chords, whatever it says.
        options: How it is used, and corrections.
        pitches: Hears whether a sound has pitches at all; without it noise may pass for a sample.
        remember: Gives what was heard of a sound before; without it every sound is listened to anew.

    Raises:
        RequestError: it cannot be used; the line says what was heard and what would work.
    """
    if isinstance(source, str):
        return _chords(source, options)
    file = source
    try:
        if not file.is_file():
            raise wrong(f"there is no file {shown(file.name)}")
        if _begins(file) == _MIDI_BEGINS or file.suffix.lower() in MIDI_SUFFIXES:
            return _song(file, options)
        return _sound(file, options, pitches, remember or _anew)
    except RequestError as error:
        raise RequestError("reference", str(error)) if error.field == "file" else error from error


def transposed_key(key: str, semitones: int) -> str:
    """Returns a canonical key so many semitones higher; empty for none."""
    if not key:
        return ""
    place = KEYS.index(key)
    return KEYS[place // 12 * 12 + (place + semitones) % 12]


def file_or_chords(text: str) -> Path | str:
    """Returns what somebody at a terminal means: a file's path, or chords as text.

    Raises:
        RequestError: it is named like a file that is not there.
    """
    path = Path(text)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a text that is too long for a name
        return text
    if path.suffix.lower() in (*SUFFIXES, *MIDI_SUFFIXES, *OTHER_SUFFIXES):
        raise wrong(f"there is no file {shown(path.name)}")
    return text


def _begins(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MIDI_BEGINS))
    except OSError as error:
        raise wrong(f"{shown(file.name)} cannot be read: {error.strerror}") from error


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_DIGITS]


def _hash_of(file: Path) -> str:
    """Returns the same of a file's content, of which only a block is held at a time."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()[:HASH_DIGITS]


def _sound(file: Path, options: ReferenceOptions, pitches: PitchListener | None, remember: Remember) -> Reference:
    use = options.use or SAMPLE
    check_use(use, SOUND, options)
    audio, content = read_audio(file), _hash_of(file)

    def heard(what: Hashable, hear: Callable[[], Any]) -> Any:
        return remember((content, what), hear)

    if use == STYLE:
        told = (f"{audio.seconds:.1f} s, of which the middle says how it sounds",)
        made = Reference(SOUND, STYLE, "", "", options, None, 1, "", told, audio)
    elif use == MELODY:
        made = _tune(audio, options, heard)
    else:
        made = _sample(audio, options, pitches, heard)
    lines = (*_about_file(file), *made.lines)
    return replace(made, use=use, name=file.name, sha256=content, lines=lines)


def _about_file(file: Path) -> list[str]:
    """What is said of the file itself."""
    import soundfile

    about = soundfile.info(file)
    lines = []
    if about.channels > 2:
        lines.append(f"its {about.channels} channels were mixed to one; bring it in stereo to keep its width")
    if about.samplerate < DULL_BELOW:
        lines.append(f"it was recorded at {about.samplerate / 1000:g} kHz, so it sounds dull; 44.1 kHz would not")
    return lines


def _sample(audio: Audio, options: ReferenceOptions, pitches: PitchListener | None, remember: Remember) -> Reference:
    bpm = options.reference_bpm
    heard: HeardSample = remember(("sample", bpm), lambda: hear_sample(audio, bpm=bpm))
    check_sample(heard, remember("held", lambda: _held(audio, pitches)), options)
    heard = corrected(heard, tempo=options.reference_tempo, shift_beats=options.reference_shift)
    lines = tuple(heard.lines())
    if options.transpose:
        lines = (*lines, f"transposed by {options.transpose:+d} semitones")
    key = transposed_key(heard.key, options.transpose)
    bars = max(1, heard.grid.bars)
    return Reference(SOUND, SAMPLE, "", "", options, heard.grid.bpm, bars, key, lines, audio, heard)


def _held(audio: Audio, pitches: PitchListener | None) -> float:
    """In which share of a sound a pitch is held; all of it where nobody listens."""
    if pitches is None:
        return 1.0
    return held_share(
        pitches.listen(Audio(audio.samples[:, : round(LISTENED_SECONDS * audio.sample_rate)], audio.sample_rate))
    )


def _tune(audio: Audio, options: ReferenceOptions, remember: Remember) -> Reference:
    track: PitchTrack = remember("tune", lambda: track_pitch(audio))
    line = sung_line(track)
    check_hum(line, track)
    heard = options.reference_bpm or grid_of_line(line).bpm
    grid = grid_of_line(line, heard * _FACTORS[options.reference_tempo])
    grid = replace(grid, downbeat=grid.downbeat + options.reference_shift * grid.beat_seconds)
    key, _ = key_of_notes([note.note for note in line.notes])
    placed = placed_notes(line, grid, key)
    octaves = _octaves([note.pitch for note in placed])
    notes = _in_beats(placed, grid, 12 * octaves + options.transpose)
    lines = [f"{len(notes)} notes at {grid.bpm:.4g} BPM, {grid.bars} bars", f"{key} (a guess)" if key else "no key"]
    lines += [f"sung {abs(octaves)} octave{'s' * (abs(octaves) > 1)} {'lower' if octaves > 0 else 'higher'}"] * bool(
        octaves
    )
    key = transposed_key(key, options.transpose)
    return Reference(
        SOUND, MELODY, "", "", options, grid.bpm, grid.bars, key, tuple(lines), audio, notes={"melody": notes}
    )


def _in_beats(notes: Sequence[Note], grid: Grid, semitones: int) -> tuple[Note, ...]:
    """Notes with times in beats from the first downbeat; what begins clearly before it is left out."""
    moved = [
        Note(
            (note.onset - grid.downbeat) / grid.beat_seconds,
            (note.offset - grid.downbeat) / grid.beat_seconds,
            min(127, max(0, note.pitch + semitones)),
            note.velocity,
        )
        for note in notes
    ]
    return tuple(replace(note, onset=max(0.0, note.onset)) for note in moved if note.onset > -_EARLY_BEATS)


def _octaves(pitches: Sequence[int]) -> int:
    """By how many octaves a voice is moved to where a melody is played."""
    middle = sorted(pitches)[len(pitches) // 2]
    return next((n for n in (0, 1, 2, -1, 3, -2) if LOWEST_TUNE <= middle + 12 * n < LOWEST_TUNE + 20), 0)


def _song(file: Path, options: ReferenceOptions) -> Reference:
    use = options.use or NOTES
    check_use(use, MIDI, options)
    song = read_midi(file)
    check_song(song)
    song = song.corrected(options.parts_of_voices)
    factor = _FACTORS[options.reference_tempo]
    bpm = (options.reference_bpm or song.bpm) * factor
    notes = {part: _moved(song.notes_of(part, 60.0), part, factor, options) for part in PART_NAMES}
    notes = {part: found for part, found in notes.items() if found}
    if use == MELODY:
        notes = {"melody": notes["melody"]} if "melody" in notes else {}
    if not notes:
        what, such = ("a melody", "1=melody") if use == MELODY else ("a part of a beat", "1=chords")
        told = f"none of its voices was taken for {what}; say which one is, such as voices {such}"
        raise NoPartError(told, song.voices)
    key, _ = key_of_notes([note for part in notes if part != "drums" for note in notes[part]])
    end = max(note.offset for found in notes.values() for note in found)
    clip = 0 if options.reference_shift else song.clip_bars * song.metre[0] / song.metre[1] * factor
    bars = max(1, math.ceil(end / BEATS_PER_BAR - _OVER_BARS), math.ceil(clip))
    content = file.read_bytes()
    lines = tuple(song.lines())
    return Reference(
        MIDI, use, file.name, _hash(content), options, bpm, bars, key, lines, notes=notes, voices=song.voices
    )


def _moved(notes: Sequence[Note], part: str, factor: float, options: ReferenceOptions) -> tuple[Note, ...]:
    """Notes in beats, counted twice as fast or slow, begun some beats later, and transposed unless they are drums."""
    semitones = 0 if part == "drums" else options.transpose
    moved = [
        replace(
            note,
            onset=note.onset * factor - options.reference_shift,
            offset=note.offset * factor - options.reference_shift,
            pitch=min(127, max(0, note.pitch + semitones)),
        )
        for note in notes
    ]
    return tuple(note for note in moved if note.onset > -_EARLY_BEATS)


def _chords(text: str, options: ReferenceOptions) -> Reference:
    use = options.use or NOTES
    check_use(use, CHORDS, options)
    try:
        chart = read_chords(text)
    except RequestError as error:
        raise wrong(str(error)) from error
    if options.transpose:
        chart = transposed(chart, options.transpose)
    key, _ = key_of_notes(chord_notes(chart))
    names = [chord.name for chord in chart.chords]
    lines = (f"{len(names)} chords, {chart.bars} bars: {' '.join(names)[:_SHOWN_NAMES]}", key)
    return Reference(
        CHORDS, use, text, _hash(text.encode()), options, options.reference_bpm, chart.bars, key, lines, chart=chart
    )
