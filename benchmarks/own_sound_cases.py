"""What people might bring, made from seeds with its truth: samples of recorded instruments, hums, MIDI, chords."""

import io
from dataclasses import dataclass
from fractions import Fraction

import mido
import numpy as np
import soxr

from training.starter.listening.sampled_sounds import play
from training.starter.simple_corpus.synth import SAMPLE_RATE
from typebeat.request.words import KEYS, NOTE_NAMES
from typebeat.sound.audio import Audio

FONT = "TimGM6mb"
PROGRAMS = (0, 4, 5, 11, 24, 26, 46, 48, 52, 88)
SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}
PROGRESSIONS = {"minor": ((0, 5, 2, 6), (0, 3, 5, 4), (0, 6, 5, 6)), "major": ((0, 4, 5, 3), (0, 5, 3, 4))}
HUM_RATE = 16_000
# vowels of a voice: formants in Hz, their widths, their levels
VOWELS = {
    "ah": ((700, 1_150, 2_600), (90, 110, 170), (1.0, 0.5, 0.2)),
    "oo": ((320, 800, 2_300), (60, 90, 150), (1.0, 0.25, 0.05)),
    "mm": ((250, 1_100, 2_200), (50, 160, 250), (1.0, 0.08, 0.03)),
}


@dataclass(frozen=True)
class TrueNote:
    """A note that was played: onset and offset in s, MIDI pitch."""

    onset: float
    offset: float
    pitch: int


@dataclass(frozen=True)
class Sample:
    """A sample and its truth; `downbeat` in s, `cents` above A = 440 Hz."""

    audio: Audio
    bpm: float
    downbeat: float
    key: str
    cents: float
    has_drums: bool


@dataclass(frozen=True)
class Hum:
    """A hum and its notes."""

    audio: Audio
    notes: tuple[TrueNote, ...]


@dataclass(frozen=True)
class MidiCase:
    """A MIDI file, its notes by part with times in s, and its tempo."""

    content: bytes
    parts: dict[str, list[TrueNote]]
    bpm: float


@dataclass(frozen=True)
class Chart:
    """Chords as text, the name of each half bar's, and a tempo to play them at."""

    text: str
    halves: tuple[str, ...]
    bpm: float

    def at(self, beat: float) -> str:
        """The chord's name at a beat of a beat that repeats the chart."""
        return self.halves[int(beat // 2) % len(self.halves)]


def make_sample(seed: int) -> Sample:
    """Four bars of chords or arpeggios; half of them whole bars long, the others with silence before and a tail."""
    rng = np.random.default_rng(700_000 + seed)
    bpm, key, cents = float(rng.uniform(68, 165)), str(rng.choice(KEYS)), float(rng.uniform(-48, 48))
    higher = 2 ** (cents / 1200)
    tonic, mode = KEYS.index(key) % 12, key.split()[1]
    beat = 60 / bpm * higher  # played slower, since it is resampled to its tuning
    notes, drums = [], []
    broken, has_drums = rng.random() < 0.5, rng.random() < 0.3
    progression = PROGRESSIONS[mode][int(rng.integers(len(PROGRESSIONS[mode])))]
    for bar, degree in enumerate(progression):
        steps = [SCALES[mode][(degree + third) % 7] + 12 * ((degree + third) // 7) for third in (0, 2, 4)]
        pitches = [48 + tonic + step for step in steps]
        for eighth in range(8):
            at = (4 * bar + eighth / 2) * beat
            loud = 100 if eighth % 4 == 0 else 80
            if broken:
                notes.append((at, at + beat * 0.6, pitches[(0, 1, 2, 1)[eighth % 4]] + 12, loud))
            if eighth == 0 or (not broken and rng.random() < 0.3):
                notes += [(at, at + beat * (3.8 if broken else 0.9), pitch, 95) for pitch in pitches]
            drums.append((at, at + 0.1, (36, 42, 38, 42)[eighth % 4], 100))
    length = round(16 * beat * SAMPLE_RATE)
    is_loop = rng.random() < 0.5
    tail = 0 if is_loop else round(rng.uniform(0.3, 1.0) * SAMPLE_RATE)
    sound = play(notes, FONT, int(rng.choice(PROGRAMS)), length + tail)
    if has_drums:
        sound = sound + 0.8 * play(drums, FONT, 0, length + tail, drums=True)
    sound = soxr.resample(sound, higher, 1.0, quality="VHQ")
    lead = 0.0 if is_loop else float(rng.uniform(0, 0.5))
    if is_loop:
        whole = round(Fraction(16 * 60 * SAMPLE_RATE) / Fraction(bpm))
        sound = np.pad(sound[:whole], (0, max(0, whole - len(sound))))
    sound = np.pad(sound, (round(lead * SAMPLE_RATE), 0))
    return Sample(Audio(0.5 * sound / np.abs(sound).max(), SAMPLE_RATE), bpm, lead, key, cents, bool(has_drums))


def make_hum(seed: int) -> Hum:
    """About eight seconds of a voice: slides, vibrato, jitter, a tuning of its own, breath; or a whistle."""
    rng = np.random.default_rng(800_000 + seed)
    whistles = seed % 5 == 4
    centre = int(rng.integers(76, 86)) if whistles else int(rng.integers(45, 68))
    notes, beat, at = [], 60 / float(rng.uniform(75, 130)), 0.3
    scale = [centre + octave + step for octave in (-12, 0, 12) for step in SCALES["minor"]]
    place = len(scale) // 2
    while at < 8:
        length = beat * float(rng.choice([0.5, 0.5, 1, 1, 2]))
        place = int(np.clip(place + rng.choice([-2, -1, -1, 0, 1, 1, 2, 3]), 3, len(scale) - 4))
        gap = float(rng.choice([0.0, 0.05, 0.1]))
        repeated = notes and notes[-1].pitch == scale[place]
        if rng.random() > 0.12:
            notes.append(TrueNote(at, at + length - (max(gap, 0.06) if repeated else gap), scale[place]))
            if repeated and len(notes) > 1 and notes[-2].offset > at - 0.05:
                notes[-2] = TrueNote(notes[-2].onset, at - 0.06, notes[-2].pitch)
        at += length
    return Hum(Audio(_sing(notes, whistles, rng), HUM_RATE), tuple(notes))


def _sing(notes: list[TrueNote], whistles: bool, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(round((notes[-1].offset + 0.4) * HUM_RATE)) / HUM_RATE
    pitch, loud = np.full(len(time), float(notes[0].pitch)), np.zeros(len(time))
    tuning = float(rng.uniform(-0.35, 0.35))
    for number, note in enumerate(notes):
        inside = time >= note.onset - 0.02
        since = time[inside] - note.onset + 0.02
        before = (
            notes[number - 1].pitch if number and note.onset - notes[number - 1].offset < 0.08 else note.pitch - 0.7
        )
        slide = (before - note.pitch) * np.exp(-since / 0.02) + rng.normal(0, 0.1)
        vibrato = rng.uniform(0, 0.35) * np.clip((since - 0.25) / 0.2, 0, 1) * np.sin(2 * np.pi * 5.6 * since)
        pitch[inside] = note.pitch + slide + vibrato
        rise = np.clip((time - note.onset + 0.02) / 0.05, 0, 1) * np.clip((note.offset + 0.03 - time) / 0.05, 0, 1)
        loud = np.maximum(loud, rise * rng.uniform(0.5, 1))
    jitter = np.convolve(rng.standard_normal(len(time)), np.ones(400) / 400, "same")
    hz = 440 * 2 ** ((pitch + tuning + jitter - 69) / 12)
    turns = np.cumsum(hz) / HUM_RATE
    formants, widths, levels = VOWELS[str(rng.choice(list(VOWELS)))]
    sound = np.zeros(len(time))
    for order in range(1, 2 if whistles else 30):
        partial = hz * order
        envelope = sum(
            level / (1 + ((partial - formant) / width) ** 2)
            for formant, width, level in zip(formants, widths, levels, strict=True)
        )
        gain = 1.0 if whistles else (envelope + 0.02) / order**0.5
        sound += gain * np.sin(2 * np.pi * order * turns) * (partial < HUM_RATE / 2)
    sound = sound * loud / max(1e-9, np.abs(sound).max())
    breath = rng.standard_normal(len(time)) * (0.01 * loud + 0.002)
    return (0.5 * sound + breath).astype(np.float32)


def make_file(seed: int) -> MidiCase:
    """A MIDI file of four bars and four parts with names, programs or neither."""
    rng = np.random.default_rng(10_000 + seed)
    bpm = float(rng.uniform(60, 180))
    sixteenth = 15 / bpm
    tonic = int(rng.integers(12))
    drawn = {
        "drums": [(step, 1, 36 if step % 8 == 0 else 42) for step in range(0, 64, 2)],
        "808": [(step, 6, 28 + tonic) for step in range(0, 64, 8)],
        "chords": [(step, 15, 48 + tonic + tone) for step in range(0, 64, 16) for tone in (0, 3, 7)],
        "melody": [(step, 2, 72 + tonic + int(rng.choice([0, 3, 5, 7]))) for step in range(0, 64, 4)],
    }
    names = {"drums": "Drums", "808": "808", "chords": "Pad", "melody": "Lead"}
    programs = {"drums": 0, "808": 38, "chords": 89, "melody": 81}
    hint = rng.choice(["name", "program", "neither"])
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))]))
    for channel, (part, notes) in enumerate(drawn.items()):
        track = mido.MidiTrack()
        number = 9 if part == "drums" else channel
        if hint == "name":
            track.append(mido.MetaMessage("track_name", name=names[part]))
        if hint == "program":
            track.append(mido.Message("program_change", channel=number, program=programs[part]))
        events = [(step * 120, "note_on", pitch) for step, _, pitch in notes]
        events += [((step + steps) * 120, "note_off", pitch) for step, steps, pitch in notes]
        now = 0
        for tick, kind, pitch in sorted(events, key=lambda event: (event[0], event[1] == "note_on")):
            track.append(mido.Message(kind, channel=number, note=pitch, velocity=90, time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    truth = {
        part: [TrueNote(step * sixteenth, (step + steps) * sixteenth, pitch) for step, steps, pitch in notes]
        for part, notes in drawn.items()
    }
    return MidiCase(out.getvalue(), truth, bpm)


def make_chart(seed: int) -> Chart:
    """Four bars of triads, one or two to a bar, in the scale of a key."""
    rng = np.random.default_rng(900_000 + seed)
    key = str(rng.choice(KEYS))
    tonic, mode = KEYS.index(key) % 12, key.split()[1]
    names = []
    for bar in PROGRESSIONS[mode][int(rng.integers(len(PROGRESSIONS[mode])))]:
        steps = (bar, (bar + 2) % 7) if rng.random() < 0.3 else (bar,)
        chords = [_triad(tonic, mode, step) for step in steps]
        names += [chords[0], chords[-1]]
    text = " | ".join(one if one == two else f"{one} {two}" for one, two in zip(names[::2], names[1::2], strict=True))
    return Chart(text, tuple(names), float(rng.integers(75, 160)))


def _triad(tonic: int, mode: str, step: int) -> str:
    root, third, fifth = (SCALES[mode][(step + each) % 7] + 12 * ((step + each) // 7) for each in (0, 2, 4))
    kind = {(3, 7): "m", (4, 7): "", (3, 6): "dim"}[third - root, fifth - root]
    return f"{NOTE_NAMES[(tonic + root) % 12]}{kind}"
