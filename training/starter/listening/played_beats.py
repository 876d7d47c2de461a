"""Makes beats to train hearing on as drummers and samplers play them, from recorded drums, and wears the sound.

`wide_beats` varies what a drum sounds like; this varies how it is played and recorded: kicks under snares, claps on
snares, ghost strokes, unequal strokes and unsteady hands; a room, a bus compressor, tape and vinyl, and breaks that are
sped up or slowed down. About half are drums alone. The recordings are those of `sampled_sounds.sampled_drums`.
"""

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

from training.starter.listening.sampled_sounds import sampled_drums
from training.starter.listening.wide_beats import BARS, WideBeat, tuned_parts
from training.starter.listening.wide_kit import make_wide_kit
from training.starter.simple_corpus.beats import TrueNote, make_beat
from training.starter.simple_corpus.kit import DRUMS
from training.starter.simple_corpus.synth import SAMPLE_RATE

Hits = dict[str, list[tuple[float, float]]]  # onset in seconds and velocity from 0 to 1, by drum
_BACKBEATS = ((4, 12), (4, 12), (4, 12), (8,), (8,), (3, 6, 11, 14), (4, 10, 12))  # sixteenths of loud snares
_TIME = ((2, 0), (2, 0), (1, 0), (4, 0), (4, 2), (3, 0))  # every so many sixteenths, and from which on, hats are struck


def make_played_beat(seed: int) -> WideBeat:
    """Renders a beat."""
    rng = np.random.default_rng([seed, 31])
    bpm, speed = float(rng.uniform(70, 180)), 2 ** (rng.uniform(-5, 5) / 12) if rng.random() < 0.4 else 1.0
    hits = groove(bpm, rng)
    n = round(BARS * 240 / bpm * SAMPLE_RATE)
    drums = at_speed(_struck(hits, make_wide_kit(rng, sampled_drums(), share=1.0), n, rng), speed)
    hits = {name: [(at / speed, velocity) for at, velocity in each] for name, each in hits.items()}
    bass: list[TrueNote] = []
    if rng.random() < 0.45:
        beat = make_beat(seed, BARS)
        tuned, bass = tuned_parts(beat, len(beat.mix), rng)
        n = min(len(drums), len(tuned))
        tuned, drums = tuned[:n], drums[:n]
        level = np.sqrt(np.mean(drums**2)) / (np.sqrt(np.mean(tuned**2)) + 1e-9)
        drums = drums + tuned * level * 10 ** (rng.uniform(-12, 4) / 20)
        seconds = n / SAMPLE_RATE
        hits = {name: [hit for hit in each if hit[0] < seconds] for name, each in hits.items()}
        bass = [note for note in bass if note.onset < seconds]
    mix = recorded(drums, rng)
    mix = (mix * (rng.uniform(0.3, 1) / (np.abs(mix).max() + 1e-9))).astype(np.float32)
    return WideBeat(mix, hits, bass, bpm * speed)


def groove(bpm: float, rng: np.random.Generator) -> Hits:
    """Returns what a drummer or a sampler plays: a backbeat, kicks around and under it, ghost strokes, hats in time."""
    steps = {name: np.zeros(16) for name in DRUMS}
    back = list(_BACKBEATS[rng.integers(len(_BACKBEATS))])
    steps["kick"][[0, *np.flatnonzero(rng.random(16) < rng.uniform(0.05, 0.3))]] = rng.uniform(0.6, 1, 16)[0]
    if rng.random() < 0.2:
        steps["kick"][::4] = 0.95
    if rng.random() < 0.45:  # a kick under every snare, as producers layer them
        steps["kick"][back] = rng.uniform(0.5, 1)
    steps[rng.choice(("snare", "snare", "snare", "clap"))][back] = rng.uniform(0.75, 1)
    if rng.random() < 0.25:
        steps["clap"][back] = rng.uniform(0.5, 1)
    if rng.random() < 0.15:
        steps["snare"][rng.integers(16)] = 0.9
    ghosts = (rng.random(16) < rng.uniform(0, 0.3)) & (steps["snare"] == 0) & (rng.random() < 0.6)
    steps["snare"][ghosts] = rng.uniform(0.2, 0.5, 16)[ghosts]
    every, first = _TIME[rng.integers(len(_TIME))]
    if rng.random() < 0.85:
        name = rng.choice(("closed_hat", "closed_hat", "closed_hat", "open_hat"))
        steps[name][first::every] = np.where(
            np.arange(first, 16, every) % 4 == 0, rng.uniform(0.6, 1), rng.uniform(0.3, 1)
        )
        steps[name][rng.random(16) < 0.15] = 0
        steps[name][(rng.random(16) < 0.1) & (name == "closed_hat")] = rng.uniform(0.3, 0.8)
    if rng.random() < 0.4:
        place = int(rng.choice((2, 6, 10, 14)))
        steps["open_hat"][place], steps["closed_hat"][place] = 0.8, 0.0
    for name, chance in (("rim", 0.15), ("perc", 0.25)):
        steps[name][(rng.random(16) < 0.2) & (rng.random() < chance)] = rng.uniform(0.4, 1)
    return _by_hand(steps, bpm, rng)


def _by_hand(steps: dict[str, np.ndarray], bpm: float, rng: np.random.Generator) -> Hits:
    """Plays steps over all bars with swing, unequal strokes, and places that all drums of a moment mostly share."""
    sixteenth, swing = 15 / bpm, rng.uniform(0, 0.33) * (rng.random() < 0.4)
    loose, apart = rng.choice((0, rng.uniform(0, 0.008))), rng.choice((0, rng.uniform(0, 0.004)))
    uneven, lag = rng.uniform(0, 0.12), {name: rng.uniform(-0.006, 0.01) * (rng.random() < 0.4) for name in DRUMS}
    moved, hits = rng.normal(0, loose + 1e-9, 16 * BARS), {name: [] for name in DRUMS}
    for name, each in steps.items():
        for place in np.flatnonzero(np.tile(each, BARS)):
            if rng.random() < 0.03:
                continue
            at = (place + swing * (place % 2)) * sixteenth + moved[place] + lag[name] + rng.normal(0, apart + 1e-9)
            hits[name].append((max(0.0, float(at)), float(np.clip(each[place % 16] * rng.normal(1, uneven), 0.15, 1))))
    if rng.random() < 0.3:
        hits["crash"].append((0.0, 0.9))
    if rng.random() < 0.25:  # a fill of snares at the end of the last bar
        count = int(rng.choice((2, 4, 6)))
        hits["snare"] += [((16 * BARS - count + k) * sixteenth, rng.uniform(0.5, 1)) for k in range(count)]
    return {name: sorted(each) for name, each in hits.items()}


def _struck(hits: Hits, kit: dict[str, np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    """Plays the hits; soft strokes are duller, and a closed hat ends an open one."""
    track, curve, dull = np.zeros(n, np.float32), rng.uniform(0.8, 1.6), rng.uniform(0, 1)
    soft = {name: sosfilt(butter(1, 2500, fs=SAMPLE_RATE, output="sos"), kit[name]) for name in kit}
    closed = np.array([at for at, _ in hits["closed_hat"]])
    for name, each in hits.items():
        for at, velocity in each:
            share = dull * (1 - velocity)
            sound = (1 - share) * kit[name] + share * soft[name]
            after = closed[closed > at + 0.01] if name == "open_hat" else closed[:0]
            sound = sound[: max(400, round((after[0] - at) * SAMPLE_RATE))] if len(after) else sound
            start = round(at * SAMPLE_RATE)
            if start < n:
                part = sound[: n - start]
                track[start : start + len(part)] += velocity**curve * 10 ** (rng.normal(0, 0.4) / 20) * part
    return track


def at_speed(sound: np.ndarray, speed: float) -> np.ndarray:
    """Plays a sound faster or slower, with its pitch."""
    return np.interp(np.arange(0, len(sound) - 1, speed), np.arange(len(sound)), sound) if speed != 1 else sound


def recorded(mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Wears a mix at random: room, bus compressor, saturation, a narrow band, crackle and hiss, coarse bits."""
    mix = mix / (np.abs(mix).max() + 1e-9)
    if rng.random() < 0.5:
        mix = _with_reflections(mix, rng)
    if rng.random() < 0.55:
        mix = _squeezed(mix, rng)
    if rng.random() < 0.4:
        drive = 10 ** (rng.uniform(0, 14) / 20)
        mix = np.tanh(mix * drive) if rng.random() < 0.7 else np.clip(mix * drive, -1, 1)
    if rng.random() < 0.4:
        high = np.exp(rng.uniform(np.log(3500), np.log(14_000)))
        band = butter(rng.integers(1, 4), [rng.uniform(20, 70), high], "bandpass", fs=SAMPLE_RATE, output="sos")
        mix = sosfilt(band, mix)
    if rng.random() < 0.5:
        hz, gain = np.exp(rng.uniform(np.log(100), np.log(7000))), 10 ** (rng.uniform(-9, 9) / 20)
        low = sosfilt(butter(1, hz, fs=SAMPLE_RATE, output="sos"), mix)
        mix = mix + (gain - 1) * (low if rng.random() < 0.5 else mix - low)
    mix = mix / (np.abs(mix).max() + 1e-9)
    if rng.random() < 0.3:
        mix = mix + _crackle(len(mix), rng)
    if rng.random() < 0.4:
        mix = mix + 10 ** (rng.uniform(-65, -42) / 20) * rng.standard_normal(len(mix))
    if rng.random() < 0.1:
        steps = 2.0 ** rng.integers(6, 9)
        mix = np.round(mix * steps) / steps
    return mix


def _with_reflections(mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Adds a room: a few walls, then a tail that is darker than the sound."""
    n = int(np.exp(rng.uniform(np.log(0.08), np.log(1.0))) * SAMPLE_RATE)
    room = lfilter([1], [1, -rng.uniform(0, 0.8)], rng.standard_normal(n)) * np.exp(-6.9 * np.arange(n) / n)
    room /= np.linalg.norm(room)
    walls = rng.integers(SAMPLE_RATE // 400, SAMPLE_RATE // 25, rng.integers(0, 8))
    room[walls[walls < n]] += rng.normal(0, 0.3, int((walls < n).sum()))
    return mix + rng.uniform(0.03, 0.6) * oaconvolve(mix, room)[: len(mix)]


def _squeezed(mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turns down whatever is louder than a threshold, from 0.2 to 20 ms late, and lets go slowly."""
    every = SAMPLE_RATE // 1000
    peak = maximum_filter1d(np.abs(mix), 2 * every)[::every]
    over = np.maximum(0, 20 * np.log10(peak + 1e-6) - rng.uniform(-30, -8))
    fall, held, gains = np.exp(-0.001 / rng.uniform(0.03, 0.3)), 0.0, []
    for each in over:
        held = max(float(each), held * fall)
        gains.append(held)
    late = int(rng.choice((0, rng.integers(1, 20))))
    gains = np.concatenate([np.zeros(late), gains])[: len(gains)]
    down = np.interp(np.arange(len(mix)) / every, np.arange(len(gains)), gains) * (1 - 1 / rng.uniform(2, 12))
    return mix * 10 ** (-down / 20)


def _crackle(n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns the clicks and the rumble of a worn record."""
    clicks = (rng.random(n) < rng.uniform(2, 40) / SAMPLE_RATE) * rng.standard_normal(n) * rng.exponential(0.06, n)
    ring = lfilter([1], [1, -rng.uniform(0, 0.8)], clicks)
    rumble = sosfilt(butter(2, 60, fs=SAMPLE_RATE, output="sos"), rng.standard_normal(n))
    return ring + rng.uniform(0, 0.02) * rumble / rumble.std()
