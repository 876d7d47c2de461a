"""Writes what brings a pack into a DAW: README.txt, and a Reaper project with sound, MIDI and markers on the grid.

The same files give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import mido

from typebeat.parts.licences import plain_licence
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.request.styles import STYLES
from typebeat.sound.audio import Audio

README_FILE = "README.txt"
MARKER_BARS = 4  # a marker stands at every fourth bar
WHOLE_SONG = "midi/all_"  # beginning of the name of the file with the notes of all others
MUTED, HEARD = 1, 0
ALL_NOTES_OFF = (0xB0, 123, 0)  # the event that ends a MIDI item in Reaper
EXPLAINED = {  # folder or ending of a file in the pack -> what it is
    "stems": "the beat taken apart; together they are the beat",
    "midi": "the notes, one file a part; all_ holds every part",
    "cover.png": "the cover",
}


@dataclass(frozen=True)
class Fader:
    """How a track is set.

    Attributes:
        level: In dB.
        pan: -1 left to 1 right.
    """

    level: float = 0.0
    pan: float = 0.0


def readme_text(beat_file: str, files: list[str], recipe: dict[str, Any]) -> str:
    """Returns README.txt: tempo and key, what is in the pack, how to bring it into a DAW, and the licence.

    Args:
        beat_file: Name of the best take's WAV.
        files: Names of the other files in the pack.
        recipe: The pack's recipe.
    """
    bpm, key, bars = f"{recipe['bpm']:g}", recipe["key"], recipe["bars"]
    has_midi, has_stems = (any(name.startswith(folder) for name in files) for folder in ("midi/", "stems/"))
    exchange = next((name for name in files if name.endswith(".dawproject")), "")
    several = recipe["takes"] > 1
    which = "the best take" if several else "the beat"
    contents = [(beat_file, f"{which}: loops without a gap, as loud as streaming services play it")]
    if several:
        contents.append(("beat_*.wav", "the other takes"))
    for name, what in EXPLAINED.items():
        if any(file == name or file.startswith(f"{name}/") for file in files):
            contents.append((name if "." in name else f"{name}/", what))
    contents += [
        (project_name(beat_file), "a Reaper project: sound, MIDI and markers on the grid"),
        *([(exchange, "the same for Bitwig Studio, Studio One and Cubase: each part's sound")] if exchange else []),
        ("recipe.json", "every setting and the seed: load it on the page to make this beat again"),
    ]
    width = max(len(name) for name, _ in contents) + 2
    missing = [f"  {each['part']}: {each['why']}" for each in recipe["missing"] if each["why"] != "not asked for"]
    lines = [
        f"{STYLES[recipe['style']].name} beat",
        f"{bpm} BPM, {key}, {bars} bar{'s' * (bars > 1)} of 4/4, {recipe['seconds']:.3f} s, seed {recipe['seed']}",
        "",
        "What is here",
        *(f"  {name:<{width}}{what}" for name, what in contents),
        *(["", "What could not be made", *missing] if missing else []),
        "",
        f"Into your DAW: set the tempo to {bpm} BPM first; every file begins on beat 1 of bar 1",
        *(f"  {line}" for line in _steps(bpm, has_midi, has_stems, bool(exchange))),
        "",
        f"Licence: {plain_licence(recipe['weights']['beat']['licence'])}",
        *([f"Cover: {plain_licence(cover['weights']['licence'])}"] if (cover := recipe.get("cover")) else []),
        recipe["about"],
    ]
    return "\r\n".join(lines) + "\r\n"  # old versions of Notepad need both characters


def _steps(bpm: str, has_midi: bool, has_stems: bool, has_exchange: bool) -> list[str]:
    """Returns one line for each DAW."""
    in_reaper = "open the .rpp; the stems play and the beat is muted" if has_stems else "open the .rpp; the beat plays"
    steps = {
        "FL Studio": ("drag WAVs into the Playlist", "drag a .mid onto a channel to fill its piano roll"),
        "GarageBand": ("drag WAVs below the last track", "drag the midi/all_ file there too: one track a part"),
        "Ableton Live": ("drop WAVs on audio tracks, Warp off", "drop a .mid on a MIDI track and pick an instrument"),
        "Logic Pro": ("drag WAVs into the Tracks area", "drag the midi/all_ file there and keep the project's tempo"),
        "Reaper": (in_reaper, "its MIDI tracks wait for an instrument"),
    }
    if has_exchange:
        steps["Bitwig, Cubase"] = ("open the .dawproject, also in Studio One", "its notes wait for an instrument")
    width = max(map(len, steps)) + 2
    said = [
        f"{name + ':':<{width}}{sound}{'; ' + notes if has_midi else ''}." for name, (sound, notes) in steps.items()
    ]
    return [*said, f"{'Any other:':<{width}}import the WAVs at {bpm} BPM without stretching; they end on a bar line."]


def project_name(beat_file: str) -> str:
    """Names the Reaper project after the WAV of any take."""
    return PurePosixPath(beat_file).stem.split("_take")[0] + ".rpp"


def reaper_project(
    takes: dict[str, Audio],
    files: dict[str, bytes],
    bpm: float,
    bars: int,
    faders: Mapping[str, Fader] | None = None,
) -> bytes:
    """Returns a Reaper project that plays the best take; all other sounds are muted, and MIDI files get tracks.

    Args:
        takes: The takes by their file names, the best one first.
        files: The pack's other files by name.
        bpm: The tempo.
        bars: Length of the loop.
        faders: How the tracks of the parts are set, by file name, where the parts together are the best take: then
            they play, and it is muted.
    """
    faders = faders or {}
    seconds = bars * BEATS_PER_BAR * 60 / bpm
    bar_seconds = seconds / bars
    lines = ['<REAPER_PROJECT 0.1 "7.0" 0', f"  TEMPO {bpm:g} 4 4", "  LOOP 1", f"  SELECTION 0 {seconds:.9f}"]
    marked = [*range(0, bars, MARKER_BARS), bars]
    for number, bar in enumerate(marked, start=1):
        text = f"Bar {bar + 1}" if bar < bars else "End"
        lines.append(f'  MARKER {number} {bar * bar_seconds:.9f} "{text}" 0')
    for number, name in enumerate(takes):
        lines += _track(name, MUTED if number or faders else HEARD, seconds, _wave_source(name))
    for name, content in files.items():
        if name.endswith(".wav"):
            mute = HEARD if name in faders else MUTED
            lines += _track(name, mute, seconds, _wave_source(name), faders.get(name))
        elif name.endswith(".mid") and not name.startswith(WHOLE_SONG):
            lines += _track(name, HEARD, seconds, _midi_source(content, bars))
    return ("\r\n".join([*lines, ">"]) + "\r\n").encode()


def _track(file: str, mute: int, seconds: float, source: list[str], fader: Fader | None = None) -> list[str]:
    name = PurePosixPath(file).stem
    return [
        "  <TRACK",
        f'    NAME "{name}"',
        *([f"    VOLPAN {10 ** (fader.level / 20):.9f} {fader.pan:.6f} -1 -1 1"] if fader else []),
        f"    MUTESOLO {mute} 0 0",
        "    <ITEM",
        "      POSITION 0",
        f"      LENGTH {seconds:.9f}",
        "      LOOP 1",
        f'      NAME "{PurePosixPath(file).name}"',
        *(f"      {line}" for line in source),
        "    >",
        "  >",
    ]


def _wave_source(name: str) -> list[str]:
    return ["<SOURCE WAVE", f'  FILE "{name}"', ">"]


def _midi_source(content: bytes, bars: int) -> list[str]:
    """Returns the notes of a MIDI file as a Reaper project has them: events with ticks since the one before."""
    song = mido.MidiFile(file=io.BytesIO(content))
    lines, ticks, waited = ["<SOURCE MIDI", f"  HASDATA 1 {song.ticks_per_beat} QN"], 0, 0
    for message in mido.merge_tracks(song.tracks):
        ticks, waited = ticks + message.time, waited + message.time
        if message.is_meta or message.type == "sysex":
            continue
        lines.append(_event(waited, message.bytes()))
        waited = 0
    to_end = max(0, bars * BEATS_PER_BAR * song.ticks_per_beat - (ticks - waited))
    return [*lines, _event(to_end, ALL_NOTES_OFF), ">"]


def _event(ticks: int, message: Any) -> str:
    status, *rest = message
    first, second = (*rest, 0)[:2]
    return f"  E {ticks} {status:02x} {first:02x} {second:02x}"
