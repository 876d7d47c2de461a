"""Describes every sixteenth and pitch by numbers that speak for or against a note beginning there.

The numbers come from what the network heard around the sixteenth and from levels, from the octaves and overtones that
a tone could be mistaken for, from the same place of other bars, and from what the rest of the chord does. They decide
nothing; `note_reader.py` weighs them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from typebeat.hearing.grid import STRAIGHT, Grid
from typebeat.hearing.tempo import SIXTEENTHS_PER_BEAT
from typebeat.midi.activations import QUIETEST_DB, PitchActivations, TunedSound
from typebeat.request.requests import BEATS_PER_BAR

SLOTS_PER_BAR = BEATS_PER_BAR * SIXTEENTHS_PER_BEAT
LOWEST_PITCH, HIGHEST_PITCH = 36, 100  # C2 to E7: above the 808, below what is only overtones
PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1
EDGES_SECONDS = (-0.09, -0.045, -0.012, 0.025, 0.07, 0.13, 0.22)  # edges of the stretches around each sixteenth
_BEFORE, _AT, _AFTER, _LATER = 0, 2, 3, 4  # indices of some of these stretches
_INTERVALS = (-28, -24, -19, -16, -12, -7, -5, -1, 1, 5, 7, 12, 19, 24)  # semitones to tones that may be mixed up
_BAR_PERIODS = (1, 2, 4)  # bars after which a loop may repeat
_LEVEL_SPAN_DB = 20.0  # dB that the network sees as 1

Pool = Callable[..., np.ndarray]  # np.max or np.mean


def slot_times(grid: Grid) -> np.ndarray:
    """Returns the time in s of each sixteenth of the grid, swing included; at least one bar."""
    places = np.arange(max(1, grid.bars) * grid.sixteenths_per_bar, dtype=float)
    places[1::2] += 2 * (grid.swing - STRAIGHT)
    return grid.downbeat + places * grid.sixteenth_seconds


def evidence(sound: TunedSound, grid: Grid) -> np.ndarray:
    """Describes each slot (a sixteenth) and pitch: (slots, PITCHES, numbers) float32, each about -3 to 3."""
    times, frame, bar = slot_times(grid), sound.rest.frame_seconds, grid.sixteenths_per_bar
    rest_on, rest_body = _tracks(sound.rest)
    mix_on, mix_body = _tracks(sound.mix)
    level = _columns(sound.levels, sound.rest.lowest_pitch, QUIETEST_DB)
    level = (level - np.percentile(level, 99.5)) / _LEVEL_SPAN_DB
    # 1. the neighbourhood of each place: (stretches, slots, pitches)
    on, body = _stretches(rest_on, times, frame, np.max), _stretches(rest_body, times, frame, np.mean)
    whole_on, whole_body = _stretches(mix_on, times, frame, np.max), _stretches(mix_body, times, frame, np.mean)
    loud = np.maximum(_stretches(level, times, frame, np.mean, outside=level.min()), -4)
    begins = np.maximum(on[_AT], on[_AFTER])
    swells = body[_AFTER] - body[_BEFORE]
    rises = np.clip(np.maximum(loud[_AFTER], loud[_LATER]) - loud[_BEFORE], -1, 1.5)
    numbers = [*on, *body, *whole_on, *whole_body, *loud, swells, rises]
    # 2. the tones it could be confused with
    whole_begins = np.maximum(whole_on[_AT], whole_on[_AFTER])
    numbers += [at_interval(body[_AFTER], each) for each in _INTERVALS]
    numbers += [at_interval(begins, each) for each in (-24, -19, -12, 12)]
    numbers += [at_interval(loud[_AFTER], each) for each in (-24, -19, -12, 12, 19)]
    numbers += [at_interval(whole_body[_AFTER], each) for each in (-28, -24, -19, -12)]
    numbers += [at_interval(whole_begins, each) for each in (-24, -19, -12)]
    # 3. the same place in other bars
    for period in _BAR_PERIODS:
        numbers += [other_bars(each, period, bar) for each in (begins, whole_begins, swells, rises)]
    # 4. what all pitches that sound in this half bar, and in this bar, do here
    for slots in (bar // 2, bar):
        held = _mean_over(body[_AFTER], slots)
        share = held**2 + 1e-6
        for each in (begins, swells, rises):
            together = (share * each).sum(axis=1, keepdims=True) / share.sum(axis=1, keepdims=True)
            numbers += [np.broadcast_to(together, held.shape), together * held]
        numbers += [held, held / (held.max(axis=1, keepdims=True) + 0.05)]
    # 5. its place in the bar, how busy the place is, its pitch
    place = np.arange(len(times)) % bar
    flags = [place % each == 0 for each in (bar, bar // 2, 4, 2)]
    busy = [each.sum(axis=1) / 4 for each in (begins, body[_AFTER], np.clip(swells, 0, 1))]
    rows = [*flags, *busy, np.full(len(times), grid.sixteenth_seconds * 8)]
    numbers += [np.broadcast_to(np.asarray(row, np.float32)[:, None], begins.shape) for row in rows]
    scale = [body[_AFTER][:, each::12].sum() for each in range(12)]
    of_key = np.asarray(scale)[np.arange(PITCHES) % 12] / (max(scale) + 1e-6)
    columns = [of_key, (np.arange(PITCHES) - PITCHES / 2) / 20]
    numbers += [np.broadcast_to(np.asarray(column, np.float32), begins.shape) for column in columns]
    return np.stack(numbers, axis=-1).astype(np.float32)


def other_bars(values: np.ndarray, period: int, slots_per_bar: int = SLOTS_PER_BAR) -> np.ndarray:
    """Averages (slots, pitches) over the same place of the other bars that are a multiple of `period` bars away."""
    bars = values.reshape(-1, slots_per_bar, values.shape[1])
    out = np.empty_like(bars)
    for phase in range(min(period, len(bars))):
        alike = bars[phase::period]
        others = max(1, len(alike) - 1)
        out[phase::period] = (alike.sum(axis=0) - alike) / others if len(alike) > 1 else alike
    return out.reshape(values.shape)


def _tracks(heard: PitchActivations) -> tuple[np.ndarray, np.ndarray]:
    return _columns(heard.beginning, heard.lowest_pitch, 0.0), _columns(heard.sounding, heard.lowest_pitch, 0.0)


def _columns(values: np.ndarray, lowest_pitch: int, missing: float) -> np.ndarray:
    """Cuts out the columns LOWEST_PITCH to HIGHEST_PITCH; columns that do not exist are filled with `missing`."""
    out = np.full((len(values), PITCHES), missing, np.float32)
    first = max(lowest_pitch, LOWEST_PITCH)
    last = min(lowest_pitch + values.shape[1] - 1, HIGHEST_PITCH)
    out[:, first - LOWEST_PITCH : last + 1 - LOWEST_PITCH] = values[:, first - lowest_pitch : last + 1 - lowest_pitch]
    return out


def _stretches(track: np.ndarray, times: np.ndarray, frame: float, pool: Pool, outside: float = 0.0) -> np.ndarray:
    """Pools the frames of each stretch of EDGES_SECONDS around each time: (stretches, slots, pitches)."""
    margin = round(1 / frame)
    padded = np.pad(track, ((margin, margin), (0, 0)), constant_values=outside)
    edges = np.rint(np.asarray(EDGES_SECONDS) / frame).astype(int)
    centres = np.clip(np.rint(times / frame).astype(int), -margin // 2, len(track) + margin // 2) + margin
    return np.stack(
        [pool(padded[centres[:, None] + np.arange(first, last)], axis=1) for first, last in pairwise(edges)]
    )


def at_interval(values: np.ndarray, semitones: int) -> np.ndarray:
    """Shifts (slots, pitches) so that each pitch holds the value `semitones` above it, 0 beyond the range."""
    out = np.zeros_like(values)
    if semitones > 0:
        out[:, :-semitones] = values[:, semitones:]
    else:
        out[:, -semitones:] = values[:, :semitones]
    return out


def _mean_over(values: np.ndarray, slots: int) -> np.ndarray:
    """Replaces each run of `slots` slots by its mean."""
    return np.repeat(values.reshape(-1, slots, values.shape[1]).mean(axis=1), slots, axis=0)
