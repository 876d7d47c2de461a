"""Makes bass lines of many kinds with their notes: clean and driven 808s, synthesisers, bass guitars."""

import numpy as np
from scipy.signal import butter, sosfilt

from training.starter.listening.sampled_sounds import BASS_PROGRAMS, play, some_font
from training.starter.simple_corpus.beats import CorpusBeat, TrueNote
from training.starter.simple_corpus.synth import SAMPLE_RATE, bass_note, midi_to_hz

_LOWEST, _HIGHEST = 24, 58  # MIDI pitch
_KINDS, _SHARES = ("corpus", "808", "boom", "synth", "played", "General MIDI"), (0.3, 0.2, 0.18, 0.1, 0.09, 0.13)


def make_bass(beat: CorpusBeat, bars: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, list[TrueNote]]:
    """Returns a bass line, (n,), and its notes: those of the corpus beat, or random ones that need not follow kicks."""
    kind = str(rng.choice(_KINDS, p=_SHARES))
    if kind == "corpus":
        return beat.stems["808"], list(beat.truth["808"])
    notes = _random_line(beat, bars, rng) if rng.random() < 0.5 else _moved_line(beat, rng)
    if kind == "General MIDI":
        played = [(note.onset, note.offset, note.pitch, 50 + int(75 * note.velocity)) for note in notes]
        return play(played, some_font(rng), int(rng.choice(BASS_PROGRAMS)), n), notes
    track, sound = np.zeros(n), _MAKERS[kind](rng)
    for note in notes:
        seconds = note.offset - note.onset
        glide = int(note.pitch + rng.choice((-12, -5, 5, 7, 12))) if rng.random() < 0.1 and seconds > 0.3 else None
        made, start = sound(note.pitch, seconds, glide), round(note.onset * SAMPLE_RATE)
        end = min(n, start + len(made))
        track[start:end] += note.velocity * made[: end - start]
    cutoff = np.exp(rng.uniform(np.log(200), np.log(5000)))
    return sosfilt(butter(2, cutoff, fs=SAMPLE_RATE, output="sos"), track), notes


def _moved_line(beat: CorpusBeat, rng: np.random.Generator) -> list[TrueNote]:
    """Returns the line of the corpus beat in another register, perhaps with shorter notes."""
    shift, legato = int(rng.integers(-6, 16)), rng.uniform(0.4, 1) if rng.random() < 0.5 else 1.0
    return [_note(n.onset, (n.offset - n.onset) * legato, n.pitch + shift, n.velocity) for n in beat.truth["808"]]


def _random_line(beat: CorpusBeat, bars: int, rng: np.random.Generator) -> list[TrueNote]:
    """Returns a few pitches at random sixteenths of a loop, perhaps also on the kicks of the corpus beat."""
    sixteenth, loop = 60 / beat.score.bpm / 4, 16 * int(rng.choice((1, 2, bars)))
    struck = rng.random(loop) < rng.uniform(0.06, 0.4)
    if rng.random() < 0.5:
        for hit in beat.truth["drums"]:
            step = round(hit.onset / sixteenth)
            if hit.drum == "kick" and step < loop and rng.random() < 0.8:
                struck[step] = True
    chosen = rng.choice(rng.integers(_LOWEST, 49, rng.integers(1, 6)), loop)
    loudness = rng.uniform(rng.uniform(0.5, 1), 1, loop)
    steps = np.array([step for step in range(16 * bars) if struck[step % loop]], int)
    lengths = np.diff(np.append(steps, 16 * bars)) * rng.uniform(0.3, 1)
    longest = rng.uniform(2, 16)
    return [
        _note(step * sixteenth, min(length, longest) * sixteenth, int(chosen[step % loop]), loudness[step % loop])
        for step, length in zip(steps, lengths, strict=True)
    ]


def _note(onset: float, seconds: float, pitch: int, velocity: float) -> TrueNote:
    return TrueNote(onset, onset + max(0.05, seconds), int(np.clip(pitch, _LOWEST, _HIGHEST)), float(velocity))


def _eight_o_eight(rng: np.random.Generator):
    """Returns the 808 of the corpus with random parameters."""
    drive = rng.uniform(0, 1) * (rng.random() < 0.6)
    sound = {"drive": drive, "decay": rng.uniform(0.15, 2.5), "punch": rng.uniform(0, 0.9)}
    return lambda pitch, seconds, glide: bass_note(pitch, seconds, glide_to=glide, **sound)


def _boom(rng: np.random.Generator):
    """Returns a sine that falls to its pitch and is distorted by one of several waveshapers."""
    octaves, fall = rng.uniform(0, 2.5) * (rng.random() < 0.7), np.exp(rng.uniform(np.log(0.008), np.log(0.06)))
    shaper, drive, decay = (
        rng.integers(4),
        np.exp(rng.uniform(0, np.log(12))),
        np.exp(rng.uniform(np.log(0.2), np.log(3))),
    )
    bias, shaped_last, click = rng.uniform(0, 0.4), rng.random() < 0.4, rng.uniform(0, 0.4) * (rng.random() < 0.5)
    speed = rng.uniform(0.05, 0.4)  # length of a glide, as a share of the note

    def sound(pitch: int, seconds: float, glide: int | None) -> np.ndarray:
        time = np.arange(int((seconds + 0.02) * SAMPLE_RATE)) / SAMPLE_RATE
        bent = octaves * np.exp(-time / fall)
        if glide is not None:
            bent = bent + (glide - pitch) / 12 * np.clip((time - 0.5 * seconds) / (speed * seconds), 0, 1)
        wave = np.sin(2 * np.pi * np.cumsum(midi_to_hz(pitch) * 2**bent) / SAMPLE_RATE)
        level = np.exp(-time / decay)
        wave = wave * level if shaped_last else wave
        wave = {
            0: np.tanh,
            1: lambda x: np.clip(x, -1, 1),
            2: lambda x: np.tanh(x + bias) - np.tanh(bias),
            3: lambda x: np.sin(0.6 * np.pi * np.clip(x, -2, 2)),  # wave folding
        }[int(shaper)](wave * drive)
        wave = wave if shaped_last else wave * level
        wave = wave + click * np.exp(-time / 0.004) * np.sin(2 * np.pi * 1100 * time)
        return wave * np.minimum(1, time / 0.003) * np.clip((time[-1] - time) / 0.015, 0, 1)

    return sound


def _synth(rng: np.random.Generator):
    """Returns a synthesiser: all or odd partials, the higher ones decaying faster, as with a closing filter."""
    odd, voices = rng.random() < 0.4, 1 + (rng.random() < 0.3)
    closing, slope, decay = rng.uniform(0.05, 0.8), rng.uniform(0.7, 1.6), rng.uniform(0.3, 3)
    detune = rng.uniform(0.001, 0.006)

    def sound(pitch: int, seconds: float, glide: int | None) -> np.ndarray:
        time = np.arange(int((seconds + 0.03) * SAMPLE_RATE)) / SAMPLE_RATE
        wave = np.zeros(len(time))
        for voice in range(voices):
            turns = midi_to_hz(pitch) * (1 + voice * detune) * time
            for k in range(1, 14, 1 + odd):
                wave += np.sin(2 * np.pi * k * turns) * k**-slope * np.exp(-time * (k - 1) / (4 * closing))
        return wave * np.exp(-time / decay) * np.minimum(1, time / 0.006) * np.clip((time[-1] - time) / 0.03, 0, 1)

    return sound


def _played(rng: np.random.Generator):
    """Returns a bass guitar: harmonic partials, of which the higher ones decay faster, after a pluck."""
    slope, closing, decay = rng.uniform(0.8, 2.0), rng.uniform(0.05, 1.0), rng.uniform(0.15, 2.5)
    pluck = rng.uniform(0, 0.4) * (rng.random() < 0.6)

    def sound(pitch: int, seconds: float, glide: int | None) -> np.ndarray:
        time = np.arange(int((seconds + 0.03) * SAMPLE_RATE)) / SAMPLE_RATE
        wave, hz = pluck * rng.standard_normal(len(time)) * np.exp(-time / 0.005), midi_to_hz(pitch)
        for k in range(1, 13):
            wave += np.sin(2 * np.pi * hz * k * time) * k**-slope * np.exp(-time * (k - 1) / (4 * closing))
        return wave * np.exp(-time / decay) * np.minimum(1, time / 0.004) * np.clip((time[-1] - time) / 0.03, 0, 1)

    return sound


_MAKERS = {"808": _eight_o_eight, "boom": _boom, "synth": _synth, "played": _played}
