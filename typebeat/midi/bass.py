"""The 808: one low note at a time between C1 and C4, where it begins, which pitch it holds and where it glides.

Where it may begin, the network of strikes.py says; whether it does and on which pitch, bass_reader.py reads off the
lows until the next moment, and bassline.py weighs with the rest of the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.hearing.passport import Grid
from typebeat.hearing.spectrum import hertz, mono_at
from typebeat.hearing.strikes import BAND_HZ, FRAME_SECONDS, HEARD, Struck, peaks
from typebeat.midi.bass_reader import (
    HIGHEST_PITCH,
    HOP_SECONDS,
    LOWEST_PITCH,
    RATE,
    WINDOWS,
    low_levels,
    low_spectra,
    read_bass,
)
from typebeat.midi.bassline import line_pitches, pooled
from typebeat.midi.folding import folded
from typebeat.midi.notes import Note
from typebeat.sound.audio import Audio

MAYBE, THRESHOLD, CERTAIN = 0.05, 0.2, 0.3  # of strikes.py; of the reader; of the reader for one note at least
LOUD_VELOCITY, LOWEST_VELOCITY = 112, 30
KICK_SHARE = 0.3  # of a kick's certainty that speaks for a note to begin there, until the reader has read it
_HARMONICS = 0.6 ** np.arange(4)
_LOUDNESS = 0.7  # exponent of an amplitude: a weak harmonic tells of a pitch too
_TILT = 0.35  # by which higher pitches weigh less, an exponent of frequency
_TRIED = np.arange((LOWEST_PITCH - 1) * 10, (HIGHEST_PITCH + 1) * 10 + 1) / 10
_TRIED_HZ = hertz(_TRIED)
_WEIGHT = (_TRIED_HZ / _TRIED_HZ[0]) ** -_TILT
APART_SECONDS = 0.06
_SETTLED_SECONDS = 0.08  # after which kick and pitch drop leave a note alone
_SHORTEST_SECONDS = 0.05
_KICK_THRESHOLD = 0.75
_KICK_SECONDS = 0.2  # a kick alone is shorter
_GONE = 0.5  # of its loudest frame: a note that is weaker has ended
_DIP_FRAMES = 7  # for which a glide may blur its pitch
_QUIET = 0.08  # of the loud notes: what is weaker is none
_THRESHOLD_ALONE = 0.03  # where each attack is the bass's, so that only its pitch is in question
_ALONE = ((300, 0.5), (2000, 5e-4))  # with less than these shares of its power above these Hz, a sound is bass alone
_ATTACK_DB = 3.0  # by which the lows rise where a note begins
_GLIDE_SEMITONES, _WIDEST_GLIDE = 0.8, 13.0
_GLIDE_NOTE_SECONDS = 0.22  # a shorter note does not glide


@dataclass(frozen=True)
class BassTrack:
    """What is heard of the bass.

    Attributes:
        struck: Where it may begin, and where kicks do.
        levels: What `bass_reader.py` reads, of either of its windows.
        strength: (frames, pitches) float32 every `HOP_SECONDS`: how strongly each tenth of a semitone from B0 to C#4
            sounds with its harmonics.
    """

    struck: Struck
    levels: tuple[np.ndarray, np.ndarray]
    strength: np.ndarray


def hear_bass(audio: Audio, struck: Struck) -> BassTrack:
    """Listens to the lows of a mix of any rate and channel count, of which `struck` was heard; two seconds a minute."""
    samples, parts = mono_at(audio, RATE), []

    def also_strength(spectra):
        for spectrum in spectra:
            parts.append(_strength(spectrum))
            yield spectrum

    short = low_levels(also_strength(low_spectra(samples, WINDOWS[0])))
    long = low_levels(low_spectra(samples, WINDOWS[1]))[: len(short)]
    return BassTrack(struck, (short, long), np.concatenate(parts))


def _strength(spectrum: np.ndarray) -> np.ndarray:
    scale = 2 * (spectrum.shape[1] - 1) / RATE
    bins = [np.rint(order * _TRIED_HZ * scale).astype(int) for order in range(1, len(_HARMONICS) + 1)]
    loudness = spectrum**_LOUDNESS
    sounding = sum(weight * loudness[:, each] for weight, each in zip(_HARMONICS, bins, strict=True))
    return (sounding * _WEIGHT).astype(np.float32)


def bass_notes(track: BassTrack, grid: Grid) -> tuple[Note, ...]:
    """The notes of the 808 in order, one at a time; empty where no bass was heard."""
    sure = folded(track.struck.sure, grid)
    bass, kick = (sure[:, HEARD.index(name)] for name in ("bass", "kick"))
    alone = _is_bass_alone(track.struck)
    moments = _attacks(track.struck) if alone else peaks(np.maximum(bass, KICK_SHARE * kick), MAYBE, APART_SECONDS)
    end = (len(track.strength) - 1) * HOP_SECONDS
    moments = moments[moments < end - _SHORTEST_SECONDS]
    odds = read_bass(track.levels, track.struck.sure, moments, np.append(moments[1:], end)[: len(moments)])
    odds = pooled(odds, moments, grid)
    likely = odds.max(axis=1, initial=0.0)
    if likely.max(initial=0.0) < CERTAIN:
        return ()
    begins = likely >= (_THRESHOLD_ALONE if alone else THRESHOLD)
    onsets, odds = moments[begins], odds[begins]
    if alone:
        odds = odds / odds.max(axis=1, keepdims=True)
    ends, frames, loudness = _spans(track.strength, onsets)
    kept = loudness > _QUIET * np.percentile(loudness, 90)
    if alone:  # what is short and sounds like a kick is one
        kicks = peaks(kick, _KICK_THRESHOLD, APART_SECONDS)
        on_kick = np.array([np.any(np.abs(kicks - onset) < APART_SECONDS) for onset in onsets])
        kept &= ~on_kick | (ends - onsets > _KICK_SECONDS)
    pitches = line_pitches(odds[kept], onsets[kept], grid)
    velocities = LOUD_VELOCITY * np.sqrt(loudness / np.percentile(loudness, 90))
    notes = []
    for i, pitch in zip(np.flatnonzero(kept), pitches, strict=True):
        velocity = int(np.clip(np.rint(velocities[i]), LOWEST_VELOCITY, 127))
        glide_to, glide_at = _glide(track.strength, frames[i], int(pitch), ends[i] - onsets[i])
        notes.append(Note(float(onsets[i]), float(ends[i]), int(pitch), velocity, glide_to, glide_at))
    return tuple(notes)


def _is_bass_alone(struck: Struck) -> bool:
    """Whether there is nothing but lows, such as in a stem; the network knows mixes only."""
    total = struck.levels.sum()
    return bool(total > 0 and all(struck.levels[:, hz < BAND_HZ].sum() < share * total for hz, share in _ALONE))


def _attacks(struck: Struck) -> np.ndarray:
    """The moments in s at which the lows become louder within 40 ms."""
    decibels = 10 * np.log10(struck.levels.sum(axis=1) + 1e-4 * struck.levels.sum(axis=1).max())
    length = round(0.04 / FRAME_SECONDS)
    padded = np.pad(decibels, (length, length - 1), constant_values=(-40 + decibels.max(), decibels[-1]))
    ahead = np.lib.stride_tricks.sliding_window_view(padded, length).mean(axis=1)
    rise = ahead[length:] - ahead[: len(decibels)]
    return peaks(np.clip(rise / _ATTACK_DB, 0, None), 1.0, 2 * APART_SECONDS)


def _spans(strength: np.ndarray, onsets: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray]:
    """Of each note: its end in s, since it has died away or the next begins; its frames; how loud it is."""
    nexts = np.append(onsets[1:], len(strength) * HOP_SECONDS)
    ends, frames, loudness = [], [], []
    for onset, after in zip(onsets, nexts, strict=True):
        first = round(min(onset + _SETTLED_SECONDS, 0.5 * (onset + after)) / HOP_SECONDS)
        last = max(first + 1, round((after - _SHORTEST_SECONDS) / HOP_SECONDS))
        part = strength[first:last]
        loud = part.max(axis=1) / _WEIGHT[part.argmax(axis=1)]
        stays = maximum_filter1d(loud, _DIP_FRAMES, origin=-(_DIP_FRAMES // 2))  # the loudest of what follows
        gone = first + np.flatnonzero((stays < _GONE * loud.max()) & (np.arange(len(loud)) > loud.argmax()))
        end = gone[0] * HOP_SECONDS if len(gone) else after
        ends.append(max(end, onset + _SHORTEST_SECONDS))
        frames.append((first, int(gone[0]) if len(gone) else last))
        loudness.append(loud.max())
    return np.array(ends), frames, np.array(loudness)


def _glide(
    strength: np.ndarray, frames: tuple[int, int], pitch: int, seconds: float
) -> tuple[int | None, float | None]:
    """Where a note goes and when in s, if it ends on another pitch than it began with; else two times None."""
    whole = strength[frames[0] : frames[1]]
    part = len(whole) // 5
    if seconds < _GLIDE_NOTE_SECONDS or not part:
        return None, None
    last = _TRIED[whole[-part:].sum(axis=0).argmax()]
    before = _TRIED[whole[: 2 * part].sum(axis=0).argmax()]
    if abs(before - pitch) > 0.5 or not _GLIDE_SEMITONES < abs(last - pitch) < _WIDEST_GLIDE:
        return None, None
    heard = (_TRIED[whole.argmax(axis=1)] - pitch) * np.sign(last - pitch)
    stays = np.flatnonzero(heard < 0.5 * abs(last - pitch))
    steady = np.abs(_TRIED[whole[-part:].argmax(axis=1)] - last) < 0.5
    if not len(stays) or steady.mean() < 0.8:
        return None, None
    return round(float(last)), (frames[0] + int(stays[-1])) * HOP_SECONDS
