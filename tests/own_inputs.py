"""What people might bring that is hard or of no use: sounds and MIDI files, each written as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np
import soundfile
from raw_midi import raw_midi

from training.starter.listening.voices import voice
from training.starter.simple_corpus.synth import SAMPLE_RATE as VOICE_RATE

RATE = 22_050
TICKS = 480


def struck(times: Sequence[float], seconds: float, pitches: Sequence[Sequence[int]], rate: int = RATE) -> np.ndarray:
    """Chords of plucked strings at these times, (n,)."""
    out = np.zeros(round((seconds + 1) * rate), np.float32)
    time = np.arange(round(0.9 * rate)) / rate
    for number, at in enumerate(times):
        for pitch in pitches[number % len(pitches)]:
            turns = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time
            tone = 0.08 * sum(np.sin(order * turns) / order for order in (1, 2, 3)) * np.exp(-2 * time)
            first = round(at * rate)
            out[first : first + len(tone)] += tone[: len(out) - first]
    return out[: round(seconds * rate)]


def loop_of_chords(bpm: float = 97.3, bars: int = 4, cents: float = 0.0) -> np.ndarray:
    """Chords of A minor and F major, struck on each eighth, (n,)."""
    beat, out = 60 / bpm, np.zeros(round(bars * 240 / bpm * RATE) + RATE, np.float32)
    for step in range(bars * 8):
        at, chord = round(step * beat / 2 * RATE), (57, 60, 64) if (step // 8) % 2 == 0 else (53, 57, 60)
        time = np.arange(round(beat / 2 * RATE) + 2000) / RATE
        for pitch in (*chord, *((chord[0] - 12,) if step % 8 == 0 else ())):
            hz = 440 * 2 ** ((pitch - 69 + cents / 100) / 12)
            out[at : at + len(time)] += (
                (0.15 if step % 8 == 0 else 0.07) * np.sin(2 * np.pi * hz * time) * np.exp(-4 * time)
            )
    return out[: round(bars * 240 / bpm * RATE)]


def in_metre(beats: int, bpm: float = 100.0, bars: int = 4, rate: int = RATE) -> np.ndarray:
    """Eighths with a low, loud first beat: bars of so many beats."""
    eighths = 2 * beats
    pitches = [(45, 57, 60, 64), *[(57, 60, 64)] * (eighths - 1)]
    times = np.arange(bars * eighths) * 30 / bpm
    sound = struck(times, bars * beats * 60 / bpm, pitches, rate)
    kick_time = np.arange(round(0.2 * rate)) / rate
    kick = 0.8 * np.sin(2 * np.pi * (50 * kick_time - 6 * np.exp(-40 * kick_time))) * np.exp(-14 * kick_time)
    for bar in range(bars):
        at = round(bar * beats * 60 / bpm * rate)
        sound[at : at + len(kick)] += kick[: len(sound) - at]
    return sound


def drifting(seconds: float = 16.0) -> np.ndarray:
    """Eighths that go from 90 to 110 BPM little by little, after a moment of silence."""
    times, at = [], 0.3
    while at < seconds - 1:
        times.append(at)
        at += 30 / (90 + 20 * at / seconds)
    return struck(times, seconds, [(45, 57, 60, 64), (57, 60, 64), (57, 60, 64), (57, 60, 64)])


def without_beat(seconds: float = 12.0) -> np.ndarray:
    """Chords at times that follow no pulse."""
    times = np.sort(np.random.default_rng(5).uniform(0, seconds - 1, 17))
    return struck(times, seconds, [(57, 60, 64), (53, 57, 60)])


def drums(bpm: float = 95.0, bars: int = 4) -> np.ndarray:
    """Kick, snare and hats alone."""
    rng, beat = np.random.default_rng(2), 60 / bpm
    out = np.zeros(round(bars * 4 * beat * RATE) + RATE, np.float32)
    time = np.arange(round(0.2 * RATE)) / RATE
    kick = 0.8 * np.sin(2 * np.pi * (50 * time - 6 * np.exp(-40 * time))) * np.exp(-14 * time)
    for step in range(bars * 8):
        at = round(step * beat / 2 * RATE)
        hat = 0.1 * np.diff(rng.standard_normal(len(time) + 1)) * np.exp(-90 * time)
        snare = 0.4 * rng.standard_normal(len(time)) * np.exp(-25 * time)
        out[at : at + len(time)] += hat + (kick if step % 4 == 0 else 0) + (snare if step % 4 == 2 else 0)
    return out[: round(bars * 4 * beat * RATE)]


def hummed(bpm: float = 90.0, rate: int = RATE) -> np.ndarray:
    """Eight notes of half a second or more, each with a voice's overtones."""
    beat = 60 / bpm
    out = np.zeros(round(9 * beat * rate), np.float32)
    for number, pitch in enumerate((60, 63, 67, 65, 63, 62, 60, 67)):
        time = np.arange(round(0.85 * beat * rate)) / rate
        turns = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time
        edges = np.minimum(1, np.minimum(time, time[::-1]) / 0.02)
        first = round((0.5 + number) * beat * rate)
        out[first : first + len(time)] += 0.2 * edges * sum(np.sin(order * turns) / order for order in range(1, 6))
    return out


def speech(seconds: float = 8.0) -> np.ndarray:
    """Somebody who speaks without words, at `VOICE_RATE`."""
    return 0.5 * voice(round(seconds * VOICE_RATE), np.random.default_rng(4))


def sound(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Writes (n,) or (n, channels) as the kind of file that its name says."""
    soundfile.write(path, samples, rate)
    return path


def melody(notes: int = 16, *, name: str = "Lead", channel: int = 0, pitch: int = 69) -> mido.MidiTrack:
    """A track of quarters."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    for number in range(notes):
        played = pitch + (0, 3, 7, 5)[number % 4]
        track.append(mido.Message("note_on", channel=channel, note=played, velocity=90))
        track.append(mido.Message("note_off", channel=channel, note=played, time=TICKS))
    return track


def midi(path: Path, tracks: Sequence[mido.MidiTrack], kind: int = 1, bpms: Sequence[float] = (92,)) -> Path:
    """Writes a MIDI file with a tempo every four bars."""
    file = mido.MidiFile(type=kind, ticks_per_beat=TICKS)
    tempos = mido.MidiTrack()
    for number, bpm in enumerate(bpms):
        tempos.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=16 * TICKS * (number > 0)))
    if kind == 0:
        (track,) = tracks
        tracks, tempos = [mido.MidiTrack([*tempos, *track])], None
    file.tracks.extend([tempos, *tracks] if tempos is not None else tracks)
    file.save(path)
    return path


def song(path: Path, *, metre: tuple[int, int] = (4, 4), notes: bool = True) -> Path:
    """A bass on 1, a tune in eighths and a kick, two bars at 93 BPM."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    head = [mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(93))]
    head.append(mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1]))
    file.tracks.append(mido.MidiTrack(head))
    tracks = {"Bass": (0, [33, 33]), "Lead": (1, [69, 72, 76, 69] * 2), "Drums": (9, [36] * 8)}
    for name, (channel, pitches) in tracks.items() if notes else ():
        length = 8 * TICKS // len(pitches)
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        for pitch in pitches:
            track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=100))
            track.append(mido.Message("note_off", channel=channel, note=pitch, time=length))
        file.tracks.append(track)
    file.save(path)
    return path


def many_notes(path: Path, count: int) -> Path:
    """So many notes of one tick each."""
    note = bytes([0, 0x90, 60, 90, 1, 0x80, 60, 0])
    path.write_bytes(raw_midi(note * count + b"\x00\xff\x2f\x00", division=TICKS))
    return path


def running_status(path: Path) -> Path:
    """Eight quarters whose events share one status byte, and whose ends are a note-on with velocity 0."""
    events = b"".join(bytes([0, pitch, 90, 0x83, 0x60, pitch, 0]) for pitch in (69, 72, 76, 74) * 2)
    body = b"\x00\x90" + events[1:] + b"\x00\xff\x2f\x00"
    path.write_bytes(raw_midi(body, division=TICKS))
    return path
