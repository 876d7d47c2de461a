"""A groove of rap: the record of what is played where, and how its grids are read.

A grid is a string of 16 or 32 sixteenths (one or two bars), a character each: "X" an accent, "x" a stroke, "o" a soft
stroke, "." nothing. Spaces and "/" only help the eye.
"""

from dataclasses import dataclass, field

VELOCITIES = {"X": 1.0, "x": 0.8, "o": 0.55}

EIGHTHS, QUARTERS = "X.x. X.x. X.x. X.x.", "X... x... X... x..."
SIXTEENTHS, OFFBEATS = "XoxoXoxoXoxoXoxo", "..x. ..x. ..x. ..x."
BACKBEAT, THIRD_BEAT = ".... X... .... X...", ".... .... X... ...."
SHAKER, TAMBOURINE = ("XoxoXoxoXoxoXoxo", "oxXooxXooxXooxXo"), ("..X. ..X. ..X. ..X.", "x.X.x.X.x.X.x.X.")


@dataclass(frozen=True)
class Groove:
    """What a producer of a genre plays.

    Attributes:
        bpm: Slowest and fastest typical tempo.
        back: Grid of snare or clap; soft strokes are pick-ups, all others the backbeat.
        kicks: Kick grids to choose from.
        core: Sixteenths of a bar on which a kick stays whatever else is varied.
        spots: Sixteenths on which a variation may put another kick.
        hats: Closed-hat grids to choose from.
        open_hats: Grids of open hats, for beats that have them.
        percussion: Grids by drum, for beats with "percussion".
        cowbell, shaker: Grids for beats with those.
        swing: Typical least and greatest swing of beats with "swing".
        feel: Milliseconds that kick, backbeat and hats fall late; below 0 is early.
        loose: Milliseconds (standard deviation) that strokes stray by; velocities stray with it.
        traits: How likely each drum trait is.
        bass_sounds: Weights of the bass sounds.
        bass: How likely each 808 trait is.
        bass_lines: Grids of bass guitar, upright bass and synth bass.
    """

    bpm: tuple[int, int]
    back: str
    kicks: tuple[str, ...]
    core: tuple[int, ...]
    spots: tuple[int, ...]
    hats: tuple[str, ...]
    open_hats: tuple[str, ...]
    percussion: dict[str, tuple[str, ...]]
    traits: dict[str, float]
    bass: dict[str, float]
    cowbell: tuple[str, ...] = ("x... x... x... x...", "x..x ..x. x..x ..x.", "..x. ..x. ..x. ..x.")
    shaker: tuple[str, ...] = SHAKER
    swing: tuple[float, float] = (0.54, 0.6)
    feel: tuple[float, float, float] = (0.0, 0.0, 0.0)
    loose: float = 1.0
    bass_sounds: dict[str, float] = field(default_factory=lambda: {"808": 1.0})
    bass_lines: tuple[str, ...] = ("X... ..x. ..x. ....", "X..x .... ..x. ..x.", "X... ...x x... ..x.")


def bars_of(grid: str) -> tuple[tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]]:
    """Returns the strokes of a grid's two bars (one bar twice), each as (sixteenth of its bar, velocity)."""
    cells = grid.replace(" ", "").replace("/", "")
    first, second = cells[:16], cells[16:] or cells
    return tuple(tuple((i, VELOCITIES[c]) for i, c in enumerate(bar) if c != ".") for bar in (first, second))
