"""Pictures of parts over the bars: a piano roll of notes, a grid of drum hits. PNG, for light and dark pages.

Matplotlib draws them without a screen and without global state; it is imported when the first picture is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typebeat.conditioning import NOTE_NAMES
from typebeat.grid import Grid
from typebeat.midi.notes import DRUM_PITCHES, Marker, MidiPart
from typebeat.request import BEATS_PER_BAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES, DOTS_PER_INCH = (10.0, 2.6), 120
MARGINS = {"left": 0.1, "right": 0.99, "top": 0.9, "bottom": 0.1}  # the same for all, so that bars stand in line
SEMITONES_AROUND = 2  # shown above and below the notes
FEWEST_SEMITONES = 12  # shown at least
MOST_BAR_NUMBERS = 16  # on the axis
DRUM_NAMES = {pitch: name.replace("_", " ") for name, pitch in DRUM_PITCHES.items()}
BLACK_KEYS = (1, 3, 6, 8, 10)


@dataclass(frozen=True)
class Colours:
    """Of a picture; every text has a contrast of at least 4.5 to 1 on its ground."""

    ground: str
    lane: str
    line: str
    bar: str
    text: str
    notes: dict[str, str]


LIGHT = Colours(
    "#ffffff",
    "#f1f1f4",
    "#dcdce2",
    "#8a8a94",
    "#26262c",
    {"drums": "#b3261e", "808": "#6a3fb5", "melody": "#00696b", "chords": "#8a5300"},
)
DARK = Colours(
    "#17171c",
    "#1f1f26",
    "#34343d",
    "#777783",
    "#e8e8ee",
    {"drums": "#ff8a80", "808": "#c4a3ff", "melody": "#5fd7d9", "chords": "#ffc66b"},
)


def draw_part(part: MidiPart, grid: Grid, markers: Sequence[Marker] = (), *, dark: bool = False) -> bytes:
    """Draws a part over the grid's bars as a PNG: drums as hits in lanes, anything else as a piano roll.

    Args:
        part: Its notes; an empty one shows why it is empty.
        grid: The bars.
        markers: Chord names, written along the top.
        dark: Whether it is for a dark page.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colours = DARK if dark else LIGHT
    figure = Figure(INCHES, DOTS_PER_INCH, facecolor=colours.ground)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(**MARGINS)
    axes = figure.add_subplot(facecolor=colours.ground)
    if not part.notes:
        ground = {"facecolor": colours.ground, "edgecolor": "none"}
        axes.text(
            0.5,
            0.5,
            part.why_empty,
            color=colours.text,
            ha="center",
            va="center",
            transform=axes.transAxes,
            bbox=ground,
        )
        axes.set_yticks([])
    elif part.name == "drums":
        _draw_hits(axes, part, grid, colours)
    else:
        _draw_roll(axes, part, grid, colours)
    _draw_bars(axes, part, grid, markers, colours)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _draw_hits(axes: Axes, part: MidiPart, grid: Grid, colours: Colours) -> None:
    """One lane a drum; a hit is as tall as it is hard."""
    lanes = [pitch for pitch in DRUM_NAMES if any(note.pitch == pitch for note in part.notes)]
    lanes += sorted({note.pitch for note in part.notes} - set(lanes))
    for number, pitch in enumerate(lanes):
        axes.axhspan(number - 0.5, number + 0.5, color=colours.lane if number % 2 else colours.ground, zorder=0)
        hits = [note for note in part.notes if note.pitch == pitch]
        heights = [0.25 + 0.6 * note.velocity / 127 for note in hits]
        axes.bar(
            [_bars(note.onset, grid) for note in hits],
            heights,
            width=_hit_width(grid),
            bottom=number - 0.43,
            align="edge",
            color=colours.notes["drums"],
            zorder=3,
        )
    axes.set_yticks(range(len(lanes)), [DRUM_NAMES.get(pitch, str(pitch)) for pitch in lanes])
    axes.set_ylim(-0.5, len(lanes) - 0.5)


def _draw_roll(axes: Axes, part: MidiPart, grid: Grid, colours: Colours) -> None:
    """A piano roll; softer notes are fainter, and a glide is a line to the pitch it reaches."""
    pitches = [note.pitch for note in part.notes] + [note.glide_to for note in part.notes if note.glide_to is not None]
    low, high = min(pitches) - SEMITONES_AROUND, max(pitches) + SEMITONES_AROUND
    high = max(high, low + FEWEST_SEMITONES)
    for pitch in range(low, high + 1):
        if pitch % 12 in BLACK_KEYS:
            axes.axhspan(pitch - 0.5, pitch + 0.5, color=colours.lane, zorder=0)
    colour = colours.notes[part.name]
    for note in part.notes:
        start, end = _bars(note.onset, grid), _bars(note.offset, grid)
        glides = note.glide_to is not None and note.glide_at is not None
        turn = _bars(note.glide_at, grid) if glides else end
        strength = 0.45 + 0.55 * note.velocity / 127
        axes.barh(
            note.pitch, turn - start, 0.8, start, color=colour, alpha=strength, ec=colours.ground, lw=0.6, zorder=3
        )
        if glides:
            axes.plot([turn, end], [note.pitch, note.glide_to], color=colour, lw=2.5, solid_capstyle="round", zorder=3)
    named = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0] or [low + SEMITONES_AROUND]
    axes.set_yticks(named, [f"{NOTE_NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in named])
    axes.set_ylim(low - 0.5, high + 0.5)


def _draw_bars(axes: Axes, part: MidiPart, grid: Grid, markers: Sequence[Marker], colours: Colours) -> None:
    """Bar lines with numbers, beats where there is room, chord names along the top."""
    bars = max(1, grid.bars)
    every = -(-bars // MOST_BAR_NUMBERS)
    for bar in range(bars + 1):
        axes.axvline(bar, color=colours.bar, lw=1, zorder=1)
    if bars <= MOST_BAR_NUMBERS:
        for beat in range(bars * BEATS_PER_BAR):
            axes.axvline(beat / BEATS_PER_BAR, color=colours.line, lw=0.6, zorder=0.5)
    axes.set_xticks(range(0, bars, every), [str(bar + 1) for bar in range(0, bars, every)], ha="left")
    axes.set_xlim(0, bars)
    last = -1.0
    for marker in markers:
        at = _bars(marker.at, grid)
        if at - last >= bars / 24:  # names that would overlap are left out
            axes.annotate(
                marker.text, (at, 1), (2, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
                color=colours.text, fontsize=8, annotation_clip=False,
            )  # fmt: skip
            last = at
    axes.set_ylabel(part.name, color=colours.text, fontweight="bold")
    axes.tick_params(colors=colours.text, length=0, labelsize=8)
    for spine in axes.spines.values():
        spine.set_color(colours.line)


def _hit_width(grid: Grid) -> float:
    """Of a drum hit in bars: most of a thirty-second, and never too thin to be seen."""
    return max(0.8 / 32, max(1, grid.bars) / 400)


def _bars(seconds: float, grid: Grid) -> float:
    return (seconds - grid.downbeat) / grid.bar_seconds
