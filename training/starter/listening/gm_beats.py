"""Composes beats and plays them with General MIDI soundfonts, to train the note reader on beats unlike the corpus.

They have sampled instruments, arpeggios, stabs, off-beats, random progressions and tunes, a GM kit, and afterwards
reverb, clipping or a lower sample rate. They need Debian's packages `fluidsynth`, `fluid-soundfont-gm`
and `musescore-general-soundfont-lossless`; no sound is stored. The soundfont TimGM6mb is reserved for benchmarks.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile
from scipy.signal import oaconvolve

from training.starter.simple_corpus.synth import SAMPLE_RATE, bass_note
from typebeat.hearing.grid import Grid
from typebeat.sound.audio import Audio, resample

RATE = 44_100
BARS = 8
SOUNDFONTS = Path("/usr/share/sounds/sf2")
FONTS = ("FluidR3_GM", "MuseScore_General_Full")
MINOR, MAJOR = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11)
CHORD_PROGRAMS = (0, 1, 2, 4, 5, 6, 16, 18, 24, 25, 26, 48, 49, 50, 52, 61, 62, 80, 81, 88, 89, 90, 91, 92, 94, 95, 11)
LEAD_PROGRAMS = (
    *(0, 4, 5, 8, 9, 10, 11, 12, 13, 14, 24, 25, 27, 40, 45, 46, 56, 65, 68, 71, 73, 74, 75, 78, 79, 80, 81, 84, 85),
    *(98, 104, 107, 108),
)
BASS_PROGRAMS = (33, 36, 38, 39, 87)
KICK, SNARE, CLAP, CLOSED_HAT, OPEN_HAT = 36, 38, 39, 42, 46
DRUM_CHANNEL = 9

Played = tuple[float, float, int, int]  # start and end in beats, pitch, velocity


@dataclass(frozen=True)
class GmBeat:
    """A composed beat: its notes, in beats from the downbeat, and its instruments."""

    seed: int
    bpm: int
    swing: float
    melody: tuple[Played, ...]
    chords: tuple[Played, ...]
    bass: tuple[Played, ...]
    drums: tuple[Played, ...]
    programs: tuple[int, int, int]  # melody, chords, bass
    volumes: tuple[int, int, int, int]  # of those and the drums
    sine_bass: bool  # an 808 instead of the soundfont's bass
    font: str

    @property
    def grid(self) -> Grid:
        """The true grid of bars."""
        return Grid(self.bpm, 0.0, BARS, self.swing)


def has_fonts() -> bool:
    """Tells whether the soundfonts are installed."""
    return all((SOUNDFONTS / f"{font}.sf2").exists() for font in FONTS)


def compose_gm(seed: int) -> GmBeat:
    """Composes a beat from a seed."""
    rng = np.random.default_rng([seed, 77])
    bpm, root = int(rng.integers(72, 168)), int(rng.integers(12))
    scale = MINOR if rng.random() < 0.75 else MAJOR
    loop = int(rng.choice([2, 4, 4, 4, 8]))
    degrees = [0, *(int(x) for x in rng.integers(0, 7, loop)[1:])]
    tones, lowest = int(rng.choice([3, 3, 4])), int(rng.integers(46, 56))
    style = rng.choice(["block", "block", "stab", "arp", "eighth", "off"])
    swing = float(rng.choice([0.5, 0.5, 0.5, 0.58, 0.62]))

    def beat(sixteenth: int) -> float:
        return sixteenth / 4 + (swing - 0.5) / 2 * (sixteenth % 2)

    def pitch(degree: int, low: int) -> int:
        return low + (root - low) % 12 + 12 * (degree // 7) + scale[degree % 7]

    stabs = [int(s) for s in sorted(rng.choice(np.arange(0, 16, 2), size=int(rng.integers(2, 5)), replace=False))]
    if 0 not in stabs and rng.random() < 0.7:
        stabs = [0, *stabs]
    tune, tune_low = _tune(rng, loop)
    legato = float(rng.uniform(0.4, 1.0))
    kicks = [
        sorted({0, *(int(x) for x in rng.choice(np.arange(2, 16), size=int(rng.integers(1, 5)), replace=False))})
        for _ in range(2)
    ]
    enters_late, arp_step = rng.random() < 0.12, 1
    melody, chords, bass, drums = [], [], [], []
    for bar in range(BARS):
        start, degree = bar * 16, degrees[bar % loop]
        voiced = [pitch(degree + 2 * i, lowest) for i in range(tones)]
        voiced = sorted({p - 12 if p >= lowest + 15 else p for p in voiced})
        if style == "arp" and bar == 0:
            arp_step = int(rng.integers(1, 3))
        for step, length, pitches in _strokes(style, voiced, stabs, arp_step):
            for each in pitches:
                velocity = int(rng.integers(65, 95))
                chords.append((beat(start + step), beat(start + step) + length / 4 * 0.92, each, velocity))
        line = tune[bar % loop]
        nexts = [*(step for step, _, _ in line[1:]), 16][: len(line)]  # the bar may be empty
        for (step, place, velocity), after in zip(line, nexts, strict=True):
            if not (enters_late and bar < 4):
                length = max(0.12, min(after - step, 6) / 4 * legato)
                melody.append((beat(start + step), beat(start + step) + length, pitch(place, tune_low), velocity))
        struck = kicks[bar % 2]
        for step, after in zip(struck, [*struck[1:], 16], strict=True):
            low = 28 + (root + scale[degree % 7] - 28) % 12
            bass.append((beat(start + step), beat(start + step) + (after - step) / 4 * 0.95, low, 100))
            drums.append((beat(start + step), 0.1, KICK, 110))
        drums += [(beat(start + s), 0.1, SNARE if seed % 2 else CLAP, 112) for s in ((8,) if bpm > 115 else (4, 12))]
        drums += [
            (beat(start + s), 0.1, CLOSED_HAT, int(rng.integers(60, 100))) for s in range(0, 16, 2 if bpm > 110 else 1)
        ]
        if rng.random() < 0.3:
            drums.append((beat(start + 14), 0.1, OPEN_HAT, 90))
    programs = tuple(int(rng.choice(each)) for each in (LEAD_PROGRAMS, CHORD_PROGRAMS, BASS_PROGRAMS))
    volumes = tuple(int(rng.integers(low, high)) for low, high in ((75, 115), (70, 105), (95, 120), (80, 115)))
    parts = (tuple(sorted(each)) for each in (melody, chords, bass, drums))
    return GmBeat(seed, bpm, swing, *parts, programs, volumes, bool(rng.random() < 0.6), str(rng.choice(FONTS)))


def _tune(rng: np.random.Generator, loop: int) -> tuple[list[list[tuple[int, int, int]]], int]:
    """Returns a random walk through the scale, (sixteenth, degree, velocity) for each bar, and its lowest pitch."""
    density, lowest = float(rng.choice([0.25, 0.4, 0.6])), int(rng.integers(60, 74))
    step = 1 if rng.random() < 0.3 else 2
    place, bars = int(rng.integers(0, 7)), []
    for _ in range(loop):
        bar = []
        for sixteenth in range(0, 16, step):
            if rng.random() < density * (1.4 if sixteenth % 4 == 0 else 0.8):
                place = int(np.clip(place + rng.choice([-3, -2, -1, -1, 0, 1, 1, 2, 4]), -2, 10))
                bar.append((sixteenth, place, int(rng.integers(60, 115))))
        bars.append(bar)
    if rng.random() < 0.5 and loop >= 4:
        bars[2] = bars[0]
    return bars, lowest


def _strokes(style: str, voiced: list[int], stabs: list[int], arp_step: int) -> list[tuple[int, int, list[int]]]:
    """Returns how a chord is played in a bar: (sixteenth, length in sixteenths, pitches)."""
    if style == "block":
        return [(0, 16, voiced)]
    if style == "stab":
        return [(step, after - step, voiced) for step, after in zip(stabs, [*stabs[1:], 16], strict=True)]
    if style in ("eighth", "off"):
        return [(step, 2, voiced) for step in (range(0, 16, 2) if style == "eighth" else (2, 6, 10, 14))]
    order = [*voiced, voiced[0] + 12]
    return [(s, 2 * arp_step, [order[(s // arp_step) % len(order)]]) for s in range(0, 16, arp_step)]


def render_gm(beat: GmBeat) -> Audio:
    """Plays a beat with its soundfont, mixes in its 808, and damages the mix."""
    samples = play_song(_song(beat), SOUNDFONTS / f"{beat.font}.sf2", RATE, "-g", "0.6").T
    length = round(beat.grid.end * RATE)
    samples = np.pad(samples[:, :length], ((0, 0), (0, max(0, length - samples.shape[1]))))
    samples *= 0.6 / np.abs(samples).max()
    if beat.sine_bass:
        samples = samples + _sine_bass(beat, length)
    samples *= 0.89 / np.abs(samples).max()
    if beat.seed % 3 == 0:
        samples = np.tanh(1.8 * samples) * 0.9
    return _worn(samples, np.random.default_rng([beat.seed, 5]))


def _song(beat: GmBeat) -> mido.MidiFile:
    file = mido.MidiFile(type=0, ticks_per_beat=480)
    events = [(0, 0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(beat.bpm)))]
    tuned = [beat.melody, beat.chords, () if beat.sine_bass else beat.bass]
    for channel, notes, program, volume in zip(
        (0, 1, 2, DRUM_CHANNEL), (*tuned, beat.drums), (*beat.programs, 0), beat.volumes, strict=True
    ):
        events.append((0, 0, mido.Message("program_change", channel=channel, program=program)))
        events.append((0, 0, mido.Message("control_change", channel=channel, control=7, value=volume)))
        for start, end, pitch, velocity in notes:
            end = start + end if channel == DRUM_CHANNEL else end
            note = {"channel": channel, "note": pitch}
            events.append((round(start * 480), 2, mido.Message("note_on", velocity=velocity, **note)))
            events.append((round(end * 480) - 1, 1, mido.Message("note_off", **note)))
    file.tracks.append(track_of(events))
    return file


def track_of(events: Iterable[tuple[int, int, mido.Message]]) -> mido.MidiTrack:
    """Returns a track of messages with their ticks; those with the same tick are ordered by the second number."""
    track, before = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=max(0, tick - before)))
        before = max(before, tick)
    return track


def play_song(song: mido.MidiFile, font: Path, rate: int, *options: str) -> np.ndarray:
    """Plays a MIDI file with a soundfont by fluidsynth, (n, channels)."""
    with tempfile.TemporaryDirectory() as folder:
        midi, wav = Path(folder, "song.mid"), Path(folder, "song.wav")
        song.save(midi)
        lazy = ("-o", "synth.dynamic-sample-loading=1")  # loads the instruments that play, not the whole soundfont
        command = ["fluidsynth", "-ni", "-q", *lazy, *options, "-r", str(rate), "-F", wav, font, midi]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return soundfile.read(wav, always_2d=True)[0]


def _sine_bass(beat: GmBeat, length: int) -> np.ndarray:
    track, beat_seconds = np.zeros(length), 60 / beat.bpm
    drive = float(np.random.default_rng(beat.seed).choice([0, 0.2, 0.6, 1.0]))
    for start, end, pitch, _ in beat.bass:
        sound = bass_note(pitch, (end - start) * beat_seconds, drive=drive)
        sound = resample(Audio(sound, SAMPLE_RATE), RATE).samples[0]
        at = round(start * beat_seconds * RATE)
        track[at : at + len(sound)] += 0.4 * sound[: max(0, length - at)]
    return track


def _worn(samples: np.ndarray, rng: np.random.Generator) -> Audio:
    """Returns the mix clipped, with reverb, at a lower sample rate, or unchanged."""
    kind = rng.random()
    if kind < 0.15:
        samples = np.tanh(samples * rng.uniform(1.2, 3)) * 0.9
    elif kind < 0.3:
        count = int(rng.uniform(0.2, 1.2) * RATE)
        room = rng.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
        wet = oaconvolve(samples, room[None] / np.linalg.norm(room), axes=1)
        samples = samples + 0.25 * wet[:, : samples.shape[1]]
    elif kind < 0.45:
        lower = int(rng.choice([16_000, 22_050, 32_000]))
        samples = resample(resample(Audio(samples, RATE), lower), RATE).samples
    return Audio(samples * (0.9 / np.abs(samples).max()), RATE)
