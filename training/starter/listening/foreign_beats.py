"""Makes beats whose sounds differ from the corpus, with their true notes: other kits or General MIDI, damaged.

The notes come from the corpus' composer, with seeds that training the starter does not use. General MIDI is played by
fluidsynth with a Debian soundfont, if it is installed (`apt install fluidsynth timgm6mb-soundfont
musescore-general-soundfont-lossless`). Training and development use MuseScore General and the `DEV` kits, benchmarks
TimGM6mb and the `MEASURED` kits.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

from training.starter.listening.foreign_kits import DEV, MEASURED, SAMPLE_RATE, Kit, bass_sound, one_shots
from training.starter.listening.gm_beats import SOUNDFONTS, play_song, track_of
from training.starter.simple_corpus.beats import TrueNote
from training.starter.simple_corpus.compose import Score, compose
from typebeat.midi.notes import DRUM_PITCHES

BARS = 8
DEV_SEEDS, MEASURED_SEEDS = 200_000, 300_100
DAMAGE = ("none", "room", "clipped", "dull", "codec")
_DRUM_SETS = (0, 8, 16, 24, 25)  # standard, room, power, electronic, TR-808
_BASSES, _LEADS, _CHORDS = (38, 39, 33, 87), (80, 11, 4, 10, 26, 73, 0), (88, 4, 48, 89, 1, 24)
RoundTrip = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ForeignBeat:
    """A mix, (n,) float32 at `SAMPLE_RATE`, with its score and true notes; `made` names its sounds and damage."""

    mix: np.ndarray
    score: Score
    truth: dict[str, tuple[TrueNote, ...]]
    made: str
    sample_rate: int = SAMPLE_RATE


def soundfont(measured: bool) -> Path | None:
    """Returns the soundfont, or None if it or fluidsynth is not installed."""
    path = SOUNDFONTS / ("TimGM6mb.sf2" if measured else "MuseScore_General_Full.sf2")
    return path if path.exists() and shutil.which("fluidsynth") else None


def make_foreign_beat(index: int, *, measured: bool, general_midi: bool, round_trip: RoundTrip) -> ForeignBeat:
    """Renders beat `index`; one beat in five goes through `round_trip`, the codec.

    Raises:
        FileNotFoundError: the beat needs General MIDI and there is no soundfont.
    """
    seed = (MEASURED_SEEDS if measured else DEV_SEEDS) + index
    rng, score = np.random.default_rng([seed, 5]), compose(seed, BARS)
    truth = _truth(score)
    n = round(BARS * 4 * 60 / score.bpm * SAMPLE_RATE)
    if general_midi:
        font = soundfont(measured)
        if font is None:
            raise FileNotFoundError("fluidsynth or its soundfont is not installed")
        mix, made = _play(score, truth, font, rng, n), font.stem
    else:
        kits = MEASURED if measured else DEV
        made = list(kits)[index % len(kits)]
        mix = _synthesise(score, truth, kits[made], rng, n)
    damage = DAMAGE[(index // 2) % len(DAMAGE)]
    mix = _damaged(mix / np.abs(mix).max(), damage, rng, round_trip)
    return ForeignBeat((0.9 * mix / np.abs(mix).max()).astype(np.float32), score, truth, f"{made}, damage: {damage}")


def _truth(score: Score) -> dict[str, tuple[TrueNote, ...]]:
    """Returns all notes with times in seconds; swing moves odd sixteenths as in the corpus."""
    beat_seconds = 60 / score.bpm

    def seconds(beat: float) -> float:
        sixteenth = beat * 4
        is_odd = abs(sixteenth - round(sixteenth)) < 1e-6 and round(sixteenth) % 2 == 1
        return (beat + is_odd * (score.swing - 0.5) / 2) * beat_seconds

    drums = tuple(TrueNote(seconds(h.beat), seconds(h.beat), 0, h.velocity, h.drum) for h in score.hits)
    tuned = {"808": score.bass, "melody": score.melody, "chords": score.chords}
    notes = {
        name: tuple(
            TrueNote(seconds(e.beat), seconds(e.beat) + e.length * beat_seconds, e.pitch, e.velocity) for e in events
        )
        for name, events in tuned.items()
    }
    return {"drums": drums, **notes}


def _synthesise(score: Score, truth: dict, kit: Kit, rng: np.random.Generator, n: int) -> np.ndarray:
    """Renders drums and 808 with a kit, chords with filtered saws, and the melody with a decaying square wave."""
    sounds, drums, bass, tuned = one_shots(kit, rng), np.zeros(n), np.zeros(n), np.zeros(n)
    for hit in truth["drums"]:
        _add(drums, sounds[hit.drum], hit.onset, hit.velocity**1.4)
    drums += _room(drums, kit.room[0], rng) * kit.room[1]
    for event, note in zip(score.bass, truth["808"], strict=True):
        _add(bass, bass_sound(kit, note.pitch, note.offset - note.onset, event.glide_to), note.onset, 0.6)
    for name, level in (("chords", 0.06), ("melody", 0.14)):
        for note in truth[name]:
            time = np.arange(int((note.offset - note.onset + 0.05) * SAMPLE_RATE)) / SAMPLE_RATE
            turns = 440 * 2 ** ((note.pitch - 69) / 12) * time
            wave = 2 * (turns % 1) - 1 if name == "chords" else np.sign(np.sin(2 * np.pi * turns))
            decay = np.exp(-time / (2.0 if name == "chords" else 0.35)) * np.minimum(1, time / 0.006)
            _add(tuned, wave * decay * np.clip((time[-1] - time) / 0.05, 0, 1), note.onset, level * note.velocity)
    tuned = sosfilt(butter(2, [120, 4500], "bandpass", fs=SAMPLE_RATE, output="sos"), tuned)
    return drums + bass + tuned * rng.uniform(0.7, 1.6)


def _play(score: Score, truth: dict, font: Path, rng: np.random.Generator, n: int) -> np.ndarray:
    """Renders the beat with General MIDI sounds by fluidsynth, with its reverb."""
    file, ticks_a_second = mido.MidiFile(ticks_per_beat=960), 960 * score.bpm / 60
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.bpm))]))
    programs = {"drums": rng.choice(_DRUM_SETS), "808": rng.choice(_BASSES)}
    programs |= {"melody": rng.choice(_LEADS), "chords": rng.choice(_CHORDS)}
    volumes = {"drums": 115, "808": 112, "melody": int(rng.integers(60, 100)), "chords": int(rng.integers(50, 85))}
    for channel, (name, notes) in zip((9, 0, 1, 2), truth.items(), strict=True):
        events = [(0, 0, mido.Message("program_change", channel=channel, program=int(programs[name])))]
        events.append((0, 0, mido.Message("control_change", channel=channel, control=7, value=volumes[name])))
        for note in notes:
            pitch = DRUM_PITCHES[note.drum] if note.drum else note.pitch
            length = 0.1 if note.drum else note.offset - note.onset
            start, stop = (round(t * ticks_a_second) for t in (note.onset, note.onset + length))
            velocity = max(1, round(note.velocity * 115))
            events.append((start, 0, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
            events.append((stop - 1, 0, mido.Message("note_off", channel=channel, note=pitch)))
        file.tracks.append(track_of(events))
    mono = play_song(file, font, SAMPLE_RATE, "-g", "0.5").astype(np.float32).mean(axis=1)[:n]
    return np.pad(mono, (0, n - len(mono)))


def _add(track: np.ndarray, sound: np.ndarray, seconds: float, gain: float) -> None:
    start = round(seconds * SAMPLE_RATE)
    end = min(len(track), start + len(sound))
    if end > start:
        track[start:end] += gain * sound[: end - start]


def _room(sound: np.ndarray, seconds: float, rng: np.random.Generator) -> np.ndarray:
    n = int(seconds * SAMPLE_RATE)
    impulse = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    return oaconvolve(sound, impulse / np.sqrt(np.sum(impulse**2)))[: len(sound)]


def _damaged(mix: np.ndarray, damage: str, rng: np.random.Generator, round_trip: RoundTrip) -> np.ndarray:
    if damage == "room":
        return mix + 0.2 * _room(mix, 0.9, rng)
    if damage == "clipped":
        return np.clip(mix * 2.5, -1, 1)
    if damage == "dull":
        return sosfilt(butter(3, 7000, fs=SAMPLE_RATE, output="sos"), mix) + 0.003 * rng.standard_normal(len(mix))
    return round_trip(mix.astype(np.float32)) if damage == "codec" else mix
