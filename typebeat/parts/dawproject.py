"""A pack as a DAWproject, the open exchange format that Bitwig Studio, Studio One, Cubase and others read.

One file, a ZIP: for each part a track with its sound and a track with its notes, at their levels, on the grid, with
markers. It makes no sound and no notes; the same tracks give the same bytes. The format has no place for a key, so the
arrangement's comment and the metadata name it.
"""

from __future__ import annotations

import io
import re
import wave
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from typebeat.midi.notes import Marker, Note, without_overlaps
from typebeat.midi.writer import DRUM_CHANNEL, LEGATO_SECONDS
from typebeat.parts.pack import ZIP_DATE, ZIP_RIGHTS, ZIP_SYSTEM
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.version import __version__

FORMAT_VERSION = "1.0"
FILE_ENDING = ".dawproject"
MARKER_BARS = 4  # a marker stands at every fourth bar
MASTER = "master"  # the channel that all others play into
SLOWEST_BPM, FASTEST_BPM = 20, 999  # the range that a tempo's fader shows
LOUDEST = 2.0  # as a factor, +6 dB: the top of a level's fader
COLOURS = {"drums": "#e8743b", "808": "#b03060", "bass": "#b03060", "melody": "#3b8ee8", "chords": "#4caf7a"}
OTHER_COLOUR = "#8a8f98"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class ProjectTrack:
    """A part as a project holds it.

    Attributes:
        name: Such as "drums"; its notes are on a drum channel if it is that.
        file: Name of its WAV file; empty where only notes are known.
        sound: The WAV file, PCM.
        notes: In seconds from the first downbeat; empty where only the sound is known.
        level: In dB, up to +6.
        pan: -1 left to 1 right.
        muted: Whether its sound is silent until it is wanted.
    """

    name: str
    file: str = ""
    sound: bytes = b""
    notes: tuple[Note, ...] = ()
    level: float = 0.0
    pan: float = 0.0
    muted: bool = False


@dataclass(frozen=True)
class _Lane:
    """One track as it is written: a part's sound or its notes.

    Attributes:
        id: Its own in the file.
        name: What a DAW shows.
        kind: "audio" or "notes".
        part: What it is made of.
    """

    id: str
    name: str
    kind: str
    part: ProjectTrack


def dawproject_bytes(
    tracks: Sequence[ProjectTrack],
    *,
    bpm: float,
    bars: int,
    key: str,
    title: str,
    markers: Sequence[Marker] = (),
    genre: str = "",
    licence: str = "",
    comment: str = "",
) -> bytes:
    """Writes a whole DAWproject.

    Args:
        tracks: In the order in which a DAW shows them.
        bpm: The tempo.
        bars: Length of the loop.
        key: Such as "F minor".
        title: Of the song.
        markers: In seconds, beside one at every fourth bar; such as sections.
        genre: Such as the style's name.
        licence: What may be done with it.
        comment: Anything else in one line.

    Raises:
        ValueError: two sounds have the same file name, or one is no PCM WAV file.
    """
    files = [PurePosixPath(track.file).name for track in tracks if track.sound]
    if len(set(files)) < len(files):
        raise ValueError("two sounds of a project have the same file name")
    lanes = [
        _Lane(f"track{number}-{kind}", track.name if kind == "audio" else f"{track.name} notes", kind, track)
        for number, track in enumerate(tracks, start=1)
        for kind, there in (("audio", track.sound), ("notes", track.notes))
        if there
    ]
    about = f"{bpm:g} BPM, {key}"
    project = _project(lanes, bpm, bars, _all_markers(markers, bpm, bars), about)
    metadata = _metadata(title, genre, licence, f"{about}. {comment}".strip())
    contents = {"metadata.xml": metadata, "project.xml": project}
    contents |= {_path(track): track.sound for track in tracks if track.sound}
    return _zip_bytes(contents)


def _project(lanes: list[_Lane], bpm: float, bars: int, markers: list[tuple[float, str]], about: str) -> bytes:
    project = Element("Project", version=FORMAT_VERSION)
    SubElement(project, "Application", name="Typebeat", version=__version__)
    transport = SubElement(project, "Transport")
    _real(transport, "Tempo", bpm, "bpm", SLOWEST_BPM, FASTEST_BPM)
    SubElement(transport, "TimeSignature", numerator=str(BEATS_PER_BAR), denominator="4")
    structure = SubElement(project, "Structure")
    for lane in lanes:
        _add_track(structure, lane)
    master = SubElement(structure, "Track", id="track-master", name="Master", contentType="audio notes", loaded="true")
    _add_channel(master, MASTER, ProjectTrack("Master"), destination=None)
    arrangement = SubElement(project, "Arrangement", id="arrangement", comment=_clean(about))
    all_lanes = SubElement(arrangement, "Lanes", timeUnit="beats")
    for lane in lanes:
        clips = SubElement(SubElement(all_lanes, "Lanes", track=lane.id), "Clips")
        (_add_sound if lane.kind == "audio" else _add_notes)(clips, lane, bpm, bars)
    marks = SubElement(arrangement, "Markers", timeUnit="beats")
    for beat, text in markers:
        SubElement(marks, "Marker", time=_number(beat), name=_clean(text))
    return _document(project)


def _add_track(structure: Element, lane: _Lane) -> None:
    colour = COLOURS.get(lane.part.name, OTHER_COLOUR)
    track = SubElement(structure, "Track", id=lane.id, name=_clean(lane.name), color=colour, contentType=lane.kind)
    track.set("loaded", "true")
    heard = lane.part if lane.kind == "audio" else ProjectTrack(lane.part.name)
    _add_channel(track, f"{lane.id}-channel", heard, destination=MASTER)


def _add_channel(track: Element, channel_id: str, part: ProjectTrack, destination: str | None) -> None:
    channel = SubElement(track, "Channel", id=channel_id, audioChannels="2", solo="false")
    channel.set("role", "regular" if destination else "master")
    if destination:
        channel.set("destination", destination)
    SubElement(channel, "Mute", value=str(part.muted).lower())
    _real(channel, "Pan", (min(1.0, max(-1.0, part.pan)) + 1) / 2, "normalized", 0, 1)
    _real(channel, "Volume", min(LOUDEST, 10 ** (part.level / 20)), "linear", 0, LOUDEST)


def _add_sound(clips: Element, lane: _Lane, bpm: float, bars: int) -> None:
    """One clip over all bars, tied to the beats at both ends so that it follows a change of tempo."""
    beats = bars * BEATS_PER_BAR
    channels, rate, seconds = _form(lane.part)
    warps = SubElement(_clip(clips, lane, beats), "Warps", timeUnit="beats", contentTimeUnit="seconds")
    audio = SubElement(warps, "Audio", algorithm="stretch", channels=str(channels), sampleRate=str(rate))
    audio.set("duration", _number(seconds))
    SubElement(audio, "File", path=_path(lane.part))
    SubElement(warps, "Warp", time="0", contentTime="0")
    SubElement(warps, "Warp", time=_number(beats), contentTime=_number(beats * 60 / bpm))


def _add_notes(clips: Element, lane: _Lane, bpm: float, bars: int) -> None:
    beats = bars * BEATS_PER_BAR
    channel = DRUM_CHANNEL if lane.part.name == "drums" else 0
    notes = SubElement(_clip(clips, lane, beats), "Notes")
    whole = [each for note in lane.part.notes for each in _without_glide(note)]
    for note in without_overlaps(whole, nearest=0.001):
        start, stop = max(0.0, note.onset * bpm / 60), min(beats, note.offset * bpm / 60)
        if start < stop:
            written = SubElement(notes, "Note", time=_number(start), duration=_number(stop - start))
            written.attrib.update(channel=str(channel), key=str(note.pitch), vel=_number(note.velocity / 127))


def _without_glide(note: Note) -> list[Note]:
    """A note, or two where it glides: the second begins just before the first ends, as in the MIDI files."""
    if note.glide_to is None or note.glide_at is None:
        return [note]
    plain = replace(note, glide_to=None, glide_at=None)
    first = replace(plain, offset=min(note.offset, note.glide_at + LEGATO_SECONDS))
    return [first, replace(plain, onset=note.glide_at, pitch=note.glide_to)]


def _clip(clips: Element, lane: _Lane, beats: int) -> Element:
    clip = SubElement(clips, "Clip", name=_clean(lane.name), time="0", duration=str(beats), playStart="0")
    clip.attrib.update(loopStart="0", loopEnd=str(beats), contentTimeUnit="beats")
    return clip


def _all_markers(markers: Sequence[Marker], bpm: float, bars: int) -> list[tuple[float, str]]:
    """Beats and texts in order: those that are given, and one at every fourth bar and at the end."""
    marked = [(float(bar * BEATS_PER_BAR), f"Bar {bar + 1}") for bar in range(0, bars, MARKER_BARS)]
    given = [(max(0.0, marker.at * bpm / 60), marker.text) for marker in markers]
    return sorted([*marked, *given, (float(bars * BEATS_PER_BAR), "End")])


def _metadata(title: str, genre: str, licence: str, comment: str) -> bytes:
    metadata = Element("MetaData")
    for name, text in (("Title", title), ("Genre", genre), ("Copyright", licence), ("Comment", comment)):
        if text:
            SubElement(metadata, name).text = _clean(text)
    return _document(metadata)


def _real(parent: Element, name: str, value: float, unit: str, low: float, high: float) -> None:
    SubElement(parent, name, value=_number(value), unit=unit, min=_number(low), max=_number(high))


def _form(track: ProjectTrack) -> tuple[int, int, float]:
    """Returns channels, sample rate in Hz and seconds of a track's WAV file."""
    try:
        with wave.open(io.BytesIO(track.sound)) as file:
            return file.getnchannels(), file.getframerate(), file.getnframes() / file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{track.file} is no PCM WAV file: {error}") from error


def _path(track: ProjectTrack) -> str:
    return f"audio/{PurePosixPath(track.file).name}"


def _number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") or "0"


def _clean(text: str) -> str:
    """Leaves out what XML 1.0 cannot hold."""
    return _NOT_IN_XML.sub("", text)


def _document(root: Element) -> bytes:
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}\n'.encode()


def _zip_bytes(contents: dict[str, bytes]) -> bytes:
    """A ZIP without clock time, stored as it is: sound hardly gets smaller."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.create_system = ZIP_SYSTEM
            entry.external_attr = ZIP_RIGHTS << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
