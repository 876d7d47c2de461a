"""Decides where the bars of a sound begin and end, and which of them are written.

A clip that is whole bars long begins with bar 1 on its first sample. Any other is written from the bar in which it
begins, which is bar 0 if bar 1 comes later, to the end of the last bar that is begun.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from typebeat.hearing.grid import Grid, Stated
from typebeat.hearing.tempo_changes import Stretch
from typebeat.sound.audio import Audio, mono

SILENT_BELOW = 0.003  # share of the loud level (-50 dB) below which nothing sounds
_BLOCK_SECONDS = 0.005
_WHOLE_SECONDS, _WHOLE_SHARE = 0.03, 0.02  # what may be missing or too much in a clip of whole bars; share of a bar
_MOST_WHOLE_BARS = 128  # in a longer sound any length is near a whole number of bars
_EARLY_BEATS = 1 / 8  # a note this little before a bar line belongs to the bar that begins there
_RINGS_SHARE = 0.25  # share of a bar in which the last sounds may ring out before it counts as begun
_HALF_SIXTEENTH = 0.125  # beats that may be missing from the last whole bar


@dataclass(frozen=True)
class Extent:
    """Where a sound begins and ends, in seconds from the first sample."""

    begins: float  # the first sound
    ends: float  # the last sound
    seconds: float  # the last sample
    last_onset: float  # the last moment at which something begins


@dataclass(frozen=True)
class Written:
    """The bars that are written."""

    grid: Grid  # its first bar begins at tick 0 of the files
    pickup_bars: int  # bars before bar 1
    left_out: str  # what is not written, in plain words; empty if nothing


def hear_extent(audio: Audio) -> Extent:
    """Finds the first and the last sound; all of it if it is silent."""
    samples = mono(audio).samples[0]
    block = max(1, round(_BLOCK_SECONDS * audio.sample_rate))
    whole = samples[: max(1, len(samples) // block) * block]
    levels = whole.reshape(-1, min(block, len(whole))).std(axis=1)
    loud = np.flatnonzero(levels > SILENT_BELOW * max(float(np.percentile(levels, 95)), float(levels.max()) / 4))
    if not len(loud) or not levels.max():
        return Extent(0.0, audio.seconds, audio.seconds, audio.seconds)
    begins, ends = loud[0] * block / audio.sample_rate, (loud[-1] + 1) * block / audio.sample_rate
    return Extent(begins, min(ends, audio.seconds), audio.seconds, ends)


def place_bars(extent: Extent, heard: Grid, stated: Stated, *, is_sure: bool) -> Grid:
    """Returns the grid with its first downbeat and its whole bars.

    Args:
        extent: Where the sound begins and ends.
        heard: Tempo, metre, and the downbeat that was heard.
        stated: What holds whatever is heard.
        is_sure: Whether the tempo is stated, or a steady beat was heard.
    """
    bar, downbeat = heard.bar_seconds, heard.downbeat
    if stated.downbeat is not None:
        downbeat = stated.downbeat
    elif is_sure and extent.begins < bar and _is_whole(extent.seconds, bar):
        downbeat = 0.0
    elif is_sure and _is_whole(extent.seconds - extent.begins, bar):
        downbeat = extent.begins
    room = (extent.seconds - downbeat) / heard.beat_seconds + _HALF_SIXTEENTH
    bars = stated.bars or max(0, int(room // heard.beats_per_bar))
    return replace(heard, downbeat=downbeat, bars=bars)


def _is_whole(seconds: float, bar: float) -> bool:
    bars = round(seconds / bar)
    return 1 <= bars <= _MOST_WHOLE_BARS and abs(seconds - bars * bar) <= min(_WHOLE_SECONDS, _WHOLE_SHARE * bar)


def bars_to_write(extent: Extent, grid: Grid, stated: Stated) -> Written:
    """Returns the bars from the one in which the sound begins to the last that is begun."""
    bar, early = grid.bar_seconds, _EARLY_BEATS * grid.beat_seconds
    pickup = max(0, math.ceil((grid.downbeat - extent.begins - early) / bar))
    last = grid.sections[-1]
    inside = max(extent.last_onset, extent.ends - _RINGS_SHARE * last.bar_seconds) - last.downbeat
    begun = max(last.bars, math.ceil(inside / last.bar_seconds - _WHOLE_SHARE), 0 if grid.later or pickup else 1)
    if stated.bars and not grid.later:
        begun = stated.bars
    first = replace(grid, downbeat=grid.downbeat - pickup * bar, bars=grid.bars + pickup)
    if grid.later:
        written = replace(first, later=(*grid.later[:-1], replace(last, bars=begun)))
    else:
        written = replace(first, bars=max(1, begun + pickup))
    return Written(written, pickup, _left_out(extent, written))


def _left_out(extent: Extent, written: Grid) -> str:
    """Says what of the sound lies outside the written bars."""
    said = []
    early = _EARLY_BEATS * written.beat_seconds
    if written.downbeat > max(early, _BLOCK_SECONDS):
        what = "of silence" if extent.begins >= written.downbeat - early else "of sound"
        said.append(f"{written.downbeat:.3f} s {what} before the first bar")
    if extent.ends > written.end + early:
        is_tail = extent.last_onset <= written.end + early
        what = "in which the sound rings out" if is_tail else "of sound"
        said.append(f"{extent.ends - written.end:.3f} s {what} after the last bar")
    return " and ".join(said)


def with_changes(grid: Grid, stretches: tuple[Stretch, ...], seconds: float) -> Grid:
    """Returns the grid with a section for each stretch; unchanged if a change does not fall on a bar line."""
    sections = [replace(grid, bpm=stretches[0].bpm)]
    for stretch in stretches[1:]:
        now = sections[-1]
        bars = round((stretch.begins - now.downbeat) / now.bar_seconds)
        line = now.downbeat + bars * now.bar_seconds
        sixteenth = 60 / stretch.bpm / 4
        downbeat = stretch.phase + round((line - stretch.phase) / sixteenth) * sixteenth
        if (
            bars < 1
            or abs(line - stretch.begins) > now.beat_seconds
            or abs(downbeat - line) > now.sixteenth_seconds / 2
        ):
            return grid
        sections[-1] = replace(now, bars=bars)
        sections.append(replace(grid, bpm=stretch.bpm, downbeat=downbeat))
    last = sections[-1]
    room = (seconds - last.downbeat) / last.beat_seconds + _HALF_SIXTEENTH
    sections[-1] = replace(last, bars=max(0, int(room // last.beats_per_bar)))
    return replace(sections[0], later=tuple(sections[1:]))
