"""Makes beats to train hearing on, with much more varied patterns, kits, mixes and damage than the corpus.

Each is a mix with its drum hits and bass notes, mono at `SAMPLE_RATE`. A seed always gives the same samples, except for
beats that go through the codec on another machine.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import ShortTimeFFT, butter, oaconvolve, sosfilt

from training.starter.listening.gm_beats import CHORD_PROGRAMS, LEAD_PROGRAMS
from training.starter.listening.sampled_sounds import play, sampled_drums, some_font, unstruck
from training.starter.listening.voices import voice
from training.starter.listening.wide_bass import make_bass
from training.starter.listening.wide_kit import make_wide_kit
from training.starter.simple_corpus.beats import CorpusBeat, TrueNote, make_beat
from training.starter.simple_corpus.kit import DRUMS, make_kit
from training.starter.simple_corpus.synth import SAMPLE_RATE, midi_to_hz

BARS = 4


@dataclass(frozen=True)
class WideBeat:
    """A mix, (n,) float32 in [-1, 1], with its tempo, drum hits and bass notes.

    `hits` holds (onset in seconds, velocity from 0 to 1) for each name of `DRUMS`.
    """

    mix: np.ndarray
    hits: dict[str, list[tuple[float, float]]]
    bass: list[TrueNote]
    bpm: float


def make_wide_beat(seed: int, round_trip=None) -> WideBeat:
    """Renders a beat; some beats go through `round_trip`, the codec, (n,) float32 to the same."""
    rng = np.random.default_rng([seed, 11])
    beat = make_beat(seed, BARS)
    n, nobody = len(beat.mix), {name: [] for name in DRUMS}
    if rng.random() < 0.06:  # nothing but speech or a drone
        mix = _unplayed(n, rng) + _noise(n, rng) * rng.uniform(0, 0.3) * (rng.random() < 0.5)
        return _heard(mix, nobody, [], beat.score.bpm, rng, round_trip)
    hits = hits_of(beat) if rng.random() < 0.4 else _random_hits(beat.score.bpm, rng)
    hits = nobody if rng.random() < 0.07 else _humanised(hits, rng)
    kit = make_kit(rng) if rng.random() < 0.12 else make_wide_kit(rng, sampled_drums())
    drums = _render(hits, kit, n, rng)
    tuned, bass = tuned_parts(beat, n, rng)
    if rng.random() < 0.3:
        tuned *= _duck(hits["kick"], n, rng)
    balance = 10 ** (rng.uniform(-9, 7) / 20)
    loudness = (np.sqrt(np.mean(drums**2)) or 0.1) / (np.sqrt(np.mean(tuned**2)) + 1e-9)
    mix = drums + tuned * balance * loudness
    alone = rng.random()
    if alone < 0.08:
        mix, bass = drums, []
    elif alone < 0.12:
        hits, (mix, bass) = nobody, make_bass(beat, BARS, n, rng)
    if rng.random() < 0.15:
        mix = mix + _unplayed(n, rng) * rng.uniform(0.1, 0.9) * (np.abs(mix).max() or 1)
    if rng.random() < 0.06:
        share = rng.choice((0.0, 0.3, 1.0))
        mix = share * mix + _noise(n, rng)
        hits, bass = (hits, bass) if share else (nobody, [])
    return _heard(mix, hits, bass, beat.score.bpm, rng, round_trip)


def _heard(mix, hits, bass, bpm: float, rng: np.random.Generator, round_trip) -> WideBeat:
    """Returns the beat with its mix damaged, perhaps played through the codec, and at a random level."""
    mix = _damaged(mix / (np.abs(mix).max() + 1e-9), rng)
    if round_trip is not None and rng.random() < 0.4:
        mix = round_trip(mix.astype(np.float32))
    mix = (mix * (rng.uniform(0.3, 1) / (np.abs(mix).max() + 1e-9))).astype(np.float32)
    return WideBeat(mix, hits, bass, bpm)


def _unplayed(n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns speech or a recording without drums, (n,) with a peak of 1."""
    if rng.random() < 0.7:
        return voice(n, rng)
    sounds = unstruck()
    sound = np.resize(sounds[rng.integers(len(sounds))], n)
    return sound / (np.abs(sound).max() + 1e-9)


def hits_of(beat: CorpusBeat) -> dict[str, list[tuple[float, float]]]:
    """Returns the drum hits of a corpus beat by name, as (onset in seconds, velocity)."""
    hits = {name: [] for name in DRUMS}
    for hit in beat.truth["drums"]:
        hits[hit.drum].append((hit.onset, hit.velocity))
    return hits


def _random_hits(bpm: float, rng: np.random.Generator) -> dict[str, list[tuple[float, float]]]:
    """Returns random patterns, so that no drum can be predicted from other drums or from its place in the bar."""
    sixteenth, hits = 60 / bpm / 4, {}
    density = {"kick": 0.22, "snare": 0.15, "clap": 0.1, "rim": 0.12, "closed_hat": 0.5, "open_hat": 0.1}
    density |= {"crash": 0.025, "perc": 0.14}
    swing = rng.uniform(0, 0.3) * (rng.random() < 0.3)
    for name in DRUMS:
        chance = density[name] * rng.uniform(0.2, 1.8) * (rng.random() < 0.85)
        loop = rng.random(16) < chance
        accents = rng.uniform(0.35, 1.0, 16) if rng.random() < 0.6 else np.full(16, 0.9)
        hits[name] = []
        for step in range(16 * BARS):
            if loop[step % 16] ^ (rng.random() < 0.04 * chance):
                hits[name].append(((step + swing * (step % 2)) * sixteenth, float(accents[step % 16])))
        rolls = {"closed_hat": 0.5, "snare": 0.12, "kick": 0.04, "perc": 0.05}.get(name, 0.0)
        for beat in range(4 * BARS):
            if rng.random() < rolls * 0.4:
                count, start = int(rng.choice((3, 6, 8, 8, 12))), beat * 4 * sixteenth
                hits[name] = [hit for hit in hits[name] if not start - 1e-3 <= hit[0] < start + 4 * sixteenth - 1e-3]
                ramp = np.linspace(*rng.uniform(0.35, 1.0, 2), count)
                hits[name] += [(start + k * 4 * sixteenth / count, float(ramp[k])) for k in range(count)]
        hits[name].sort()
    return hits


def _humanised(hits: dict[str, list[tuple[float, float]]], rng: np.random.Generator) -> dict:
    jitter = rng.uniform(0, 0.008) * (rng.random() < 0.5)
    return {
        name: [(max(0.0, at + rng.normal(0, jitter)), velocity) for at, velocity in each] for name, each in hits.items()
    }


def _render(hits: dict, kit: dict[str, np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    track, curve = np.zeros(n, np.float32), rng.uniform(0.8, 1.8)
    choke = [round(at * SAMPLE_RATE) for at, _ in hits["closed_hat"]] if rng.random() < 0.5 else []
    for name, each in hits.items():
        for at, velocity in each:
            start = round(at * SAMPLE_RATE)
            sound = kit[name]
            if name == "open_hat" and choke:
                after = [stop for stop in choke if stop > start]
                sound = sound[: max(400, min(after) - start)] if after else sound
            end = min(n, start + len(sound))
            if end > start:
                gain = velocity**curve * 10 ** (rng.normal(0, 0.5) / 20)
                track[start:end] += np.float32(gain) * sound[: end - start]
    if rng.random() < 0.4:
        track = _with_room(track, rng, 0.03, 0.8, 0.3)
    return track


def tuned_parts(beat: CorpusBeat, n: int, rng: np.random.Generator) -> tuple[np.ndarray, list[TrueNote]]:
    """Returns chords and melody at random levels and by various instruments, with a bass, and the bass notes."""
    track = np.zeros(n)
    for name, programs in (("chords", CHORD_PROGRAMS), ("melody", LEAD_PROGRAMS)):
        stem = beat.stems[name]
        if rng.random() < 0.25:
            notes = [(note.onset, note.offset, note.pitch, 40 + int(80 * note.velocity)) for note in beat.truth[name]]
            played = play(notes, some_font(rng), int(rng.choice(programs)), n)
            stem = played * (np.abs(stem).max() / (np.abs(played).max() + 1e-9))
        stem = stem * 10 ** (rng.uniform(-10, 4) / 20)
        if rng.random() < 0.3:  # another register: played at another speed, and repeated
            speed = 2 ** (rng.integers(-5, 13) / 12)
            stem = np.interp(np.arange(n) * speed % n, np.arange(n), stem)
        track += stem * (rng.random() < 0.85)
    for _ in range(rng.integers(0, 3)):
        track += _struck(n, beat.score.bpm, rng) * (np.abs(track).max() + 0.05) * rng.uniform(0.3, 1.2)
    track = track / (np.sqrt(np.mean(track**2)) + 1e-6) * 0.1
    if rng.random() < 0.1:
        return track, []
    bass, notes = make_bass(beat, BARS, n, rng)
    bass = bass / (np.sqrt(np.mean(bass**2)) + 1e-6) * 0.1 * 10 ** (rng.uniform(-4, 10) / 20)
    return track + bass, notes


def _struck(n: int, bpm: float, rng: np.random.Generator) -> np.ndarray:
    """Returns notes by frequency modulation with noise at the attack, like pianos, guitars, mallets or brass."""
    track, step = np.zeros(n), 60 / bpm / 4
    ratio, depth, decay = rng.choice((0.5, 1, 1.41, 2, 3, 3.5, 7)), rng.uniform(0, 5), rng.uniform(0.08, 1.0)
    attack, breath = rng.choice((0.001, 0.004, 0.02, 0.06)), rng.uniform(0, 0.5) * (rng.random() < 0.6)
    for start in np.flatnonzero(rng.random(16 * BARS) < rng.uniform(0.1, 0.5)):
        length = int(min(2.5 * decay, 1.5) * SAMPLE_RATE)
        time = np.arange(length) / SAMPLE_RATE
        for pitch in rng.integers(45, 85, rng.integers(1, 4)):
            hz = midi_to_hz(int(pitch))
            index = depth * np.exp(-time / (0.4 * decay))
            note = np.sin(2 * np.pi * hz * time + index * np.sin(2 * np.pi * hz * ratio * time))
            note += breath * rng.standard_normal(length) * np.exp(-time / 0.012)
            note *= np.exp(-time / decay) * (1 - np.exp(-time / attack))
            at = int((start * step + rng.normal(0, 0.004)) * SAMPLE_RATE)
            at, end = max(0, at), min(n, max(0, at) + length)
            track[at:end] += note[: end - at]
    return track / (np.abs(track).max() + 1e-9)


def _noise(n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns hiss, rumble or wind: noise of a random spectral slope with a wandering level."""
    hz = np.maximum(np.fft.rfftfreq(n, 1 / SAMPLE_RATE), 20)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * hz ** -rng.uniform(0, 1.2), n)
    level = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, 24), rng.uniform(rng.uniform(0, 1), 1, 24))
    return rng.uniform(0.05, 0.5) * level * noise / np.abs(noise).max()


def _duck(kicks: list[tuple[float, float]], n: int, rng: np.random.Generator) -> np.ndarray:
    gain, release = np.ones(n), rng.uniform(0.05, 0.2)
    length = int(3 * release * SAMPLE_RATE)
    dip = 1 - rng.uniform(0.3, 0.9) * np.exp(-np.arange(length) / (release * SAMPLE_RATE))
    for at, _ in kicks:
        start = round(at * SAMPLE_RATE)
        end = min(n, start + length)
        gain[start:end] = np.minimum(gain[start:end], dip[: end - start])
    return gain


def _with_room(sound: np.ndarray, rng: np.random.Generator, shortest: float, longest: float, most: float) -> np.ndarray:
    n = int(rng.uniform(shortest, longest) * SAMPLE_RATE)
    room = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    wet = oaconvolve(sound, room / np.sqrt(np.sum(room**2)))[: len(sound)]
    return sound + rng.uniform(0.02, most) * wet


def _damaged(mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Applies equaliser, reverb, clipping, low-pass, quantised bins as in lossy files, and tape noise at random."""
    if rng.random() < 0.5:
        hz, gain = np.exp(rng.uniform(np.log(80), np.log(6000))), 10 ** (rng.uniform(-8, 8) / 20)
        low = sosfilt(butter(1, hz, fs=SAMPLE_RATE, output="sos"), mix)
        mix = mix + (gain - 1) * (low if rng.random() < 0.5 else mix - low)
    if rng.random() < 0.2:
        mix = _with_room(mix, rng, 0.1, 1.2, 0.25)
    mix = mix / (np.abs(mix).max() + 1e-9)
    if rng.random() < 0.4:
        drive = 10 ** (rng.uniform(0, 12) / 20)
        mix = np.tanh(mix * drive) if rng.random() < 0.5 else np.clip(mix * drive, -1, 1)
    if rng.random() < 0.35:
        mix = sosfilt(butter(rng.integers(1, 5), rng.uniform(4500, 14_000), fs=SAMPLE_RATE, output="sos"), mix)
    if rng.random() < 0.25:
        mix = _coarse(mix, rng)
    if rng.random() < 0.3:
        mix = mix + 10 ** (rng.uniform(-65, -38) / 20) * rng.standard_normal(len(mix))
    return mix


def _coarse(mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Quantises the bins of a long spectrum, which smears onsets as lossy files and codecs do."""
    size = int(rng.choice((512, 1024, 2048)))
    transform = ShortTimeFFT(np.sin(np.pi * (np.arange(size) + 0.5) / size), size // 2, SAMPLE_RATE)
    spectrum = transform.stft(mix)  # (bins, frames)
    step = np.abs(spectrum).mean(axis=0) * rng.uniform(0.2, 1.5) + 1e-9
    spectrum = np.round(spectrum.real / step) * step + 1j * np.round(spectrum.imag / step) * step
    return transform.istft(spectrum, k1=len(mix))
