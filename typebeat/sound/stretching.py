"""A sound made to fit: played faster or slower at its pitch, transposed or retuned, cut or looped to an exact length.

A tempo is changed by Signalsmith's stretcher (python-stretch), which keeps the pitch to the cent. Its own transposing
misses low notes by up to 17 cents, so a pitch is changed by resampling what was stretched for it. What is right already
is not touched. Where a sound begins and how fast it is, is told by `hearing/sample.py`.
"""

from __future__ import annotations

import math

import numpy as np

from typebeat.sound.audio import Audio

MOST_STRETCH = 2.0  # times slower or faster: beyond it nothing sounds well
MOST_SEMITONES = 12.0
CROSSFADE_SECONDS = 0.008  # short, so that the first hit keeps its attack
SAME_SPEED = 1e-4  # a factor this near to 1 moves a minute by 6 ms: it is left
SAME_CENTS = 2.0  # nobody hears less

_SEED = 7  # the stretcher draws phases: the same sound gives the same bytes


def stretched(audio: Audio, length: int, *, semitones: float = 0.0, cents: float = 0.0) -> Audio:
    """Plays a sound so that it lasts exactly `length` samples, at its pitch or another.

    Args:
        audio: At least one sample; a loop's end and start are heard as neighbours.
        length: Samples in one channel, half to twice as many as there are.
        semitones: By which it is transposed, -12 to 12.
        cents: By which it is retuned beside that, such as -40 for a sound that is 40 cents sharp.

    Raises:
        ValueError: it would be stretched or transposed too far.
    """
    speed = audio.length / length if length > 0 else math.inf
    shift = semitones + cents / 100
    if not 1 / MOST_STRETCH <= speed <= MOST_STRETCH:
        raise ValueError(f"{audio.length} samples cannot be stretched to {length}: at most {MOST_STRETCH:g} times")
    if abs(shift) > MOST_SEMITONES:
        raise ValueError(f"{shift:g} semitones are too many; up to {MOST_SEMITONES:g} can be transposed")
    if abs(speed - 1) < SAME_SPEED and abs(shift) < SAME_CENTS / 100:
        return fitted(audio, length)
    return _without_edges(audio, length, speed, shift)


def whole_loop(audio: Audio, start: int, period: int, length: int) -> Audio:
    """Cuts a loop out of a sound and repeats it to a length.

    Args:
        audio: The sound.
        start: Its first sample, >= 0.
        period: Samples of the loop, > 0. What the sound is short of is silence; what goes on behind the loop fades
            out under its start, so that the end leads to the start as it did in the sound.
        length: Samples to return.
    """
    piece = audio.samples[:, start : start + period]
    piece = np.pad(piece, ((0, 0), (0, period - piece.shape[1])))
    after = audio.samples[:, start + period : start + period + _fade(audio.sample_rate, period)]
    joined = piece.copy()
    if after.shape[1]:
        joined[:, : after.shape[1]] = crossfaded(after, piece[:, : after.shape[1]])
    elif start == 0:
        joined = _closed(piece, audio.sample_rate)
    times = -(-length // period)
    out = np.concatenate([piece, *[joined] * (times - 1)], axis=1)[:, :length]
    return Audio(out, audio.sample_rate)


def fitted(audio: Audio, length: int) -> Audio:
    """Cuts a sound, or adds silence at its end, to exactly `length` samples; a cut fades out."""
    if audio.length == length:
        return audio
    samples = np.pad(audio.samples[:, :length], ((0, 0), (0, max(0, length - audio.length))))
    if audio.length > length:
        fade = _fade(audio.sample_rate, length)
        samples[:, length - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return Audio(samples, audio.sample_rate)


def joined(first: Audio, second: Audio, *, seconds: float = CROSSFADE_SECONDS) -> Audio:
    """One sound behind another of the same rate, its start faded in under the end of the first.

    The second's first sample stays where it would be without a fade: the first one must go on `seconds` beyond the
    join, and what lies there fades out.

    Raises:
        ValueError: their rates or channels differ.
    """
    if first.sample_rate != second.sample_rate or len(first.samples) != len(second.samples):
        raise ValueError("only sounds of one rate and as many channels can be joined")
    fade = min(round(seconds * first.sample_rate), first.length, second.length)
    if not fade:
        return Audio(np.concatenate([first.samples, second.samples], axis=1), first.sample_rate)
    middle = crossfaded(first.samples[:, first.length - fade :], second.samples[:, :fade])
    parts = [first.samples[:, : first.length - fade], middle, second.samples[:, fade:]]
    return Audio(np.concatenate(parts, axis=1), first.sample_rate)


def crossfaded(leaving: np.ndarray, coming: np.ndarray) -> np.ndarray:
    """(channels, n) from one to the other at equal power; where both are alike, gains allow for their sum."""
    likeness = float((leaving * coming).sum() / (np.sqrt((leaving**2).sum() * (coming**2).sum()) + 1e-12))
    turn = np.linspace(0, np.pi / 2, leaving.shape[1], endpoint=False, dtype=np.float32)
    power = np.sqrt(1 + max(0.0, likeness) * np.sin(2 * turn))
    return (coming * np.sin(turn) + leaving * np.cos(turn)) / power


def _without_edges(audio: Audio, length: int, speed: float, shift: float) -> Audio:
    """Stretches a loop with what comes before and after it, so that neither end is cut into by a window."""
    import soxr
    from python_stretch import Signalsmith

    higher = 2 ** (shift / 12)
    speed /= higher
    stretch = Signalsmith.Stretch(_SEED)
    stretch.preset(len(audio.samples), audio.sample_rate)
    stretch.setTimeFactor(speed)
    edge = 2 * stretch.blockSamples()
    around = np.take(audio.samples, np.arange(-edge, audio.length + edge), axis=1, mode="wrap")
    made = np.asarray(stretch.process(np.ascontiguousarray(around, dtype=np.float32)))
    if abs(shift) >= SAME_CENTS / 100:
        made = soxr.resample(made.T, higher, 1.0, quality="VHQ").T
    first = round(edge / speed / higher)
    made = np.pad(made, ((0, 0), (0, max(0, first + length - made.shape[1]))))
    return Audio(np.ascontiguousarray(made[:, first : first + length]), audio.sample_rate)


def _closed(piece: np.ndarray, sample_rate: int) -> np.ndarray:
    """A loop whose join would click gets a short fade on either side; one that meets itself is left."""
    step = float(np.abs(piece[:, 0] - piece[:, -1]).max())
    usual = float(np.abs(np.diff(piece, axis=1)).max(initial=0.0))
    if step <= usual:
        return piece
    fade = _fade(sample_rate, piece.shape[1]) // 4
    out = piece.copy()
    if fade:
        out[:, :fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        out[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return out


def _fade(sample_rate: int, length: int) -> int:
    return min(round(CROSSFADE_SECONDS * sample_rate), length // 2)
