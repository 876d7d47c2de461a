"""Transcribes the 808: one low note at a time between C1 and C4, with its onset, pitch and glide.

1. `hearing/strikes.py` proposes the moments at which a note may begin.
2. `bass_reader.py` rates every pitch at each moment from the low frequencies up to the next moment.
3. The rest of the line decides among likely pitches: a note that is hard to hear is easy to hear elsewhere in the loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.hearing.grid import Grid
from typebeat.hearing.spectrum import hertz, mono_at
from typebeat.hearing.strikes import BAND_HZ, FRAME_SECONDS, HEARD, Struck, peaks
from typebeat.midi.bass_reader import (
    HIGHEST_PITCH,
    HOP_SECONDS,
    LOWEST_PITCH,
    PITCHES,
    RATE,
    WINDOWS,
    low_levels,
    low_spectra,
    read_bass,
)
from typebeat.midi.notes import Note
from typebeat.midi.repeats import with_repeats
from typebeat.sound.audio import Audio

MAYBE = 0.05  # certainty of strikes.py from which a moment is read
THRESHOLD = 0.2  # odds of the reader from which it is a note
CERTAIN = 0.3  # odds that at least one note must reach, or there is no bass
LOUD_VELOCITY, LOWEST_VELOCITY = 112, 30
KICK_SHARE = 0.3  # a kick's certainty counts this much as that of a bass note, since the two often coincide
_HARMONICS = 0.6 ** np.arange(4)  # weights of the fundamental and its overtones
_LOUDNESS = 0.7  # exponent that compresses amplitudes, so that weak overtones count too
_TILT = 0.35  # exponent of frequency by which higher pitches count less
_TRIED = np.arange((LOWEST_PITCH - 1) * 10, (HIGHEST_PITCH + 1) * 10 + 1) / 10
_TRIED_HZ = hertz(_TRIED)
_WEIGHT = (_TRIED_HZ / _TRIED_HZ[0]) ** -_TILT
APART_SECONDS = 0.06
_SETTLED_SECONDS = 0.08  # how long a kick or a pitch drop may blur the start of a note
_SHORTEST_SECONDS = 0.05
_KICK_THRESHOLD = 0.75
_KICK_SECONDS = 0.2  # a kick on its own is shorter than this
_GONE = 0.5  # share of its loudest frame below which a note has ended
_DIP_FRAMES = 7  # how long a glide may blur the pitch without ending the note
_QUIET = 0.08  # share of the loud notes' level below which a note is dropped
_THRESHOLD_ALONE = 0.03  # THRESHOLD for a bass stem, where every attack is a note
_ALONE = ((300, 0.5), (2000, 5e-4))  # a bass stem has less than this share of its power above so many Hz
_ATTACK_DB = 3.0  # rise in level at which a note of a bass stem begins
_GLIDE_SEMITONES, _WIDEST_GLIDE = 0.8, 13.0
_GLIDE_NOTE_SECONDS = 0.22  # a shorter note does not glide
# what speaks for a note's pitch, and how much each counts
_LOOP_BARS = 4
_SAME_SECONDS = 0.03  # two notes at the same place of the loop lie at most this far apart
_LOOP, _LINE, _CLASSES, _BAR = 0.4, 0.5, 0.3, 1.0
_UNLIKELY = 1e-3  # a floor for probabilities, so that their logarithms stay finite


@dataclass(frozen=True)
class BassTrack:
    """What was heard of the bass."""

    struck: Struck  # where bass notes and kicks may begin
    levels: tuple[np.ndarray, np.ndarray]  # what `bass_reader.py` reads, for each of its two windows
    # (frames, pitches) float32 every `HOP_SECONDS`: how strongly each tenth of a semitone from B0 to C#4
    # sounds, overtones included
    strength: np.ndarray


def hear_bass(audio: Audio, struck: Struck) -> BassTrack:
    """Analyses the low end of a mix; two seconds for each minute of sound."""
    samples, parts = mono_at(audio, RATE), []

    def also_strength(spectra: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
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
    """Decodes the notes of the 808 in order, one at a time; none if no bass was heard."""
    sure = with_repeats(track.struck.sure, grid)
    bass, kick = (sure[:, HEARD.index(name)] for name in ("bass", "kick"))
    alone = _is_bass_alone(track.struck)
    moments = _attacks(track.struck) if alone else peaks(np.maximum(bass, KICK_SHARE * kick), MAYBE, APART_SECONDS)
    end = (len(track.strength) - 1) * HOP_SECONDS
    moments = moments[moments < end - _SHORTEST_SECONDS]
    odds = read_bass(track.levels, track.struck.sure, moments, np.append(moments[1:], end)[: len(moments)])
    odds = _with_same_place(odds, moments, grid)
    likely = odds.max(axis=1, initial=0.0)
    if likely.max(initial=0.0) < CERTAIN:
        return ()
    begins = likely >= (_THRESHOLD_ALONE if alone else THRESHOLD)
    onsets, odds = moments[begins], odds[begins]
    if alone:
        odds = odds / odds.max(axis=1, keepdims=True)
    ends, frames, loudness = _spans(track.strength, onsets)
    kept = loudness > _QUIET * np.percentile(loudness, 90)
    if alone:  # drop what is short and sounds like a kick
        kicks = peaks(kick, _KICK_THRESHOLD, APART_SECONDS)
        on_kick = np.array([np.any(np.abs(kicks - onset) < APART_SECONDS) for onset in onsets])
        kept &= ~on_kick | (ends - onsets > _KICK_SECONDS)
    pitches = _line_pitches(odds[kept], onsets[kept], grid)
    velocities = LOUD_VELOCITY * np.sqrt(loudness / np.percentile(loudness, 90))
    notes = []
    for i, pitch in zip(np.flatnonzero(kept), pitches, strict=True):
        velocity = int(np.clip(np.rint(velocities[i]), LOWEST_VELOCITY, 127))
        glide_to, glide_at = _glide(track.strength, frames[i], int(pitch), ends[i] - onsets[i])
        notes.append(Note(float(onsets[i]), float(ends[i]), int(pitch), velocity, glide_to, glide_at))
    return tuple(notes)


def _with_same_place(odds: np.ndarray, onsets: np.ndarray, grid: Grid) -> np.ndarray:
    """Averages each note's odds (notes, PITCHES) with those at the same place of the loop, as logarithms."""
    heard = np.log(odds + _UNLIKELY)
    bars = _bars(onsets, grid)
    places = onsets - bars * grid.bar_seconds
    out = np.empty_like(heard)
    for i in range(len(heard)):
        same = (np.abs(places - places[i]) < _SAME_SECONDS) & ((bars - bars[i]) % _LOOP_BARS == 0)
        out[i] = (1 - _LOOP) * heard[i] + _LOOP * heard[same].mean(axis=0)
    return np.exp(out)


def _line_pitches(odds: np.ndarray, onsets: np.ndarray, grid: Grid) -> np.ndarray:
    """Chooses the MIDI pitch of each note, (notes,), from its odds (notes, PITCHES) and from the rest of the line.

    Evidence is added as logarithms: the note's own odds, the pitches of the whole line, and the pitch classes of the
    note's bar, since an 808 stays on its chord.
    """
    score = np.log(odds + _UNLIKELY)
    likely = odds * (odds.max(axis=1) / (odds.sum(axis=1) + 1e-9))[:, None]
    total = likely.sum() + 1e-9
    score += _LINE * np.log(likely.sum(axis=0) / total + 0.01)
    classes = np.stack([likely[:, each == PITCHES % 12].sum(axis=1) for each in range(12)], axis=1)  # (notes, 12)
    score += _CLASSES * np.log(classes.sum(axis=0) / total + 0.01)[PITCHES % 12]
    bars = _bars(onsets, grid)
    for bar in np.unique(bars):
        of_bar = classes[bars == bar].sum(axis=0)
        score[bars == bar] += _BAR * np.log(of_bar / (of_bar.sum() + 1e-9) + 0.03)[PITCHES % 12]
    return PITCHES[score.argmax(axis=1)]


def _bars(onsets: np.ndarray, grid: Grid) -> np.ndarray:
    return np.floor((onsets - grid.downbeat) / grid.bar_seconds + 0.01).astype(int)


def _is_bass_alone(struck: Struck) -> bool:
    """Whether the sound is a bass stem; the network of strikes.py was trained on mixes only."""
    total = struck.levels.sum()
    return bool(total > 0 and all(struck.levels[:, hz < BAND_HZ].sum() < share * total for hz, share in _ALONE))


def _attacks(struck: Struck) -> np.ndarray:
    """Finds the moments in s at which the level rises within 40 ms."""
    decibels = 10 * np.log10(struck.levels.sum(axis=1) + 1e-4 * struck.levels.sum(axis=1).max())
    length = round(0.04 / FRAME_SECONDS)
    padded = np.pad(decibels, (length, length - 1), constant_values=(-40 + decibels.max(), decibels[-1]))
    ahead = np.lib.stride_tricks.sliding_window_view(padded, length).mean(axis=1)
    rise = ahead[length:] - ahead[: len(decibels)]
    return peaks(np.clip(rise / _ATTACK_DB, 0, None), 1.0, 2 * APART_SECONDS)


def _spans(strength: np.ndarray, onsets: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray]:
    """Returns each note's end in s (it has died away, or the next one begins), its frames and its loudness."""
    nexts = np.append(onsets[1:], len(strength) * HOP_SECONDS)
    ends, frames, loudness = [], [], []
    for onset, after in zip(onsets, nexts, strict=True):
        first = round(min(onset + _SETTLED_SECONDS, 0.5 * (onset + after)) / HOP_SECONDS)
        last = max(first + 1, round((after - _SHORTEST_SECONDS) / HOP_SECONDS))
        part = strength[first:last]
        loud = part.max(axis=1) / _WEIGHT[part.argmax(axis=1)]
        stays = maximum_filter1d(loud, _DIP_FRAMES, origin=-(_DIP_FRAMES // 2))  # loudest of the frames that follow
        gone = first + np.flatnonzero((stays < _GONE * loud.max()) & (np.arange(len(loud)) > loud.argmax()))
        end = gone[0] * HOP_SECONDS if len(gone) else after
        ends.append(max(end, onset + _SHORTEST_SECONDS))
        frames.append((first, int(gone[0]) if len(gone) else last))
        loudness.append(loud.max())
    return np.array(ends), frames, np.array(loudness)


def _glide(
    strength: np.ndarray, frames: tuple[int, int], pitch: int, seconds: float
) -> tuple[int | None, float | None]:
    """Returns the pitch that a note glides to and when in s, or (None, None) if it holds its pitch."""
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
