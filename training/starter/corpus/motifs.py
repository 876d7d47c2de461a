"""Motifs: short ideas of one or two bars, in rhythm and scale steps, and the ways to develop them into phrases."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Note:
    """A note of a motif: start and length in beats, steps above the motif's anchor, accent in (0, 1]."""

    beat: float
    length: float
    step: int
    accent: float


@dataclass(frozen=True)
class Motif:
    """Notes over some bars; `chordal` ones step through the tones of the chord instead of the scale."""

    bars: int
    notes: tuple[Note, ...]
    chordal: bool = False


# onsets in eight units
CELLS = {
    "simple": ((0,), (0, 4), (0, 6), (4,), (0, 3), (), (0, 5), (2,), (0, 2), (0, 3, 6), (2, 6)),
    "": (
        *((0, 3, 6), (0, 4, 6), (0, 2, 4), (2, 4, 6), (0, 3), (3, 6), (0, 2, 6), (0, 3, 4), (0, 2, 3), (0, 1, 2)),
        *((0, 3, 5), (1, 3, 6), (0, 2, 4, 6), (0, 1, 3, 6), (0, 4), (4, 6, 7), (0, 6, 7), (2, 3, 4), (1, 2, 4), (0, 5)),
    ),
    "busy-melody": (
        *((0, 1, 2, 4, 6), (0, 2, 3, 4, 6), (0, 2, 4, 5, 6), (0, 1, 3, 4, 6), (0, 3, 4, 6, 7), (0, 2, 3, 5, 6)),
        *(
            (1, 2, 4, 5, 6),
            (0, 1, 2, 3, 4, 6),
            (0, 2, 4, 6, 7),
            (0, 1, 3, 4, 6, 7),
            (0, 1, 2, 4, 5, 6),
            (0, 2, 3, 4, 5),
        ),
        (0, 3, 4, 5, 6),
    ),
}
CONTOURS = ("arch", "fall", "rise", "pendulum", "wave", "wave", "knock", "turn")
# a phrase of four or of two motifs: A is the motif and B another one; see `developed` for the others
SCHEMES = {
    "": (
        *("A A A t", "A B A t", "A A s t", "A s A t", "A A u B", "A v A B", "A - A t", "A h A t", "A i A t", "A q A B"),
        *("A v s t", "A B s t", "A A B t", "A u v t", "A h h B"),
    ),
    "simple": ("A A A t", "A - A t", "A s A t", "A A s t", "A h A t", "A q A q", "A A A -"),
    "busy-melody": ("A A A t", "A s A t", "A A u t", "A B A B", "A v A t", "A s u t", "A v s B"),
    "call-and-answer": ("A q A q", "A q A t", "A q v q", "A q s q", "A B A B", "A q A B", "A q u q"),
    "repeating": ("A A A A", "A A A A", "A A A t", "A A A h", "A h A h", "A v A v"),
}


def draw_motif(rng: np.random.Generator, bars: int, unit: float, density: str, longest: float) -> Motif:
    """Draws a motif.

    Args:
        rng: Source of chance.
        bars: One or two.
        unit: Beats of an eighth of a cell: 0.5 where sixteenths would be too fast, else 0.25.
        density: "simple", "" or "busy-melody".
        longest: Beats that a note may last.
    """
    count = round(bars * 4 / (8 * unit))
    bank = CELLS[density]
    cells: list[tuple[int, ...]] = [()]
    while not cells[0] or sum(map(len, cells)) < 2:
        cells = [bank[rng.integers(len(bank))] for _ in range(count)]
    if count >= 2 and rng.random() < 0.4:
        cells[count // 2] = cells[0]  # a rhythm that comes twice is remembered
    if density != "busy-melody" and sum(map(len, cells[:-1])) > 1 and rng.random() < 0.5:
        cells[-1] = cells[-1][:1]  # room to breathe
    onsets = [k * 8 * unit + step * unit for k, cell in enumerate(cells) for step in cell]
    if density == "" and rng.random() < 0.07 and count >= 2:
        triplet = [i * 2 / 3 for i in range(3)]
        onsets = sorted({*[t for t in onsets if t >= 2], *triplet})
    if len(onsets) > 3 and rng.random() < 0.3:
        onsets.pop(int(rng.integers(1, len(onsets))))
    steps = contour(rng, len(onsets), str(rng.choice(CONTOURS)))
    return Motif(bars, _shaped(onsets, steps, bars * 4.0, longest))


def draw_arpeggio(rng: np.random.Generator, bars: int, unit: float) -> Motif:
    """Draws a figure through the chord's tones, in groups of three, four or a dotted rhythm."""
    group = ((0, 1, 2), (0, 2, 1), (0, 1, 2, 3), (0, 2, 1, 3), (3, 2, 1, 0), (0, 1, 2, 1), (0, 3, 1, 2), (2, 1, 0))
    figure = group[rng.integers(len(group))]
    total = round(bars * 4 / unit)
    keep = rng.random(total) < rng.choice((0.7, 0.85, 1.0))
    keep[:: max(4, total // 4)] = True
    if rng.random() < 0.35:
        keep[-total // 8 :] = False
    lift = int(rng.choice((0, 0, 1)))
    onsets = [i * unit for i in range(total) if keep[i]]
    steps = [figure[i % len(figure)] + lift * (i * 2 // total) for i in range(total) if keep[i]]
    return Motif(bars, _shaped(onsets, steps, bars * 4.0, unit * 2), chordal=True)


def contour(rng: np.random.Generator, count: int, kind: str) -> list[int]:
    """Returns the scale steps of a melodic line: singable, with few leaps, each leap answered by a step back."""
    if kind == "pendulum":  # between a tone that stays and one that moves
        moving = np.cumsum(rng.choice((-1, 1, 2, -2, 0), size=count))
        stay = int(rng.choice((-4, -3, -2, 2)))
        return [stay if i % 2 else int(np.clip(moving[i], -3, 5)) for i in range(count)]
    if kind == "knock":  # tones repeated a few times each
        tones = np.cumsum([0, *rng.choice((-2, -1, 1, 2), size=count)])
        runs = np.repeat(np.arange(count + 1), rng.integers(2, 5, size=count + 1))
        return [int(np.clip(tones[runs[i]], -4, 5)) for i in range(count)]
    drift = {"arch": 1, "fall": -1, "rise": 1, "wave": 0, "turn": -1}[kind]
    line, leapt = [0], 0
    for i in range(1, count):
        if kind in ("arch", "turn") and i > count / 2:
            drift = -1 if kind == "arch" else 1
        if leapt:
            move = -int(np.sign(leapt)) * int(rng.choice((1, 1, 2)))
        else:
            move = int(rng.choice((-2, -1, 0, 1, 2, 3, 4), p=(0.12, 0.26, 0.16, 0.26, 0.12, 0.05, 0.03)))
            move = abs(move) * drift if drift and rng.random() < 0.55 else move
        leapt = move if abs(move) > 2 else 0
        line.append(int(np.clip(line[-1] + move, -5, 6)))
    return line


def _shaped(onsets: list[float], steps: list[int], end: float, longest: float) -> tuple[Note, ...]:
    notes = []
    for i, (beat, step) in enumerate(zip(onsets, steps, strict=True)):
        gap = (onsets[i + 1] if i + 1 < len(onsets) else end) - beat
        accent = 0.8 if beat % 2 == 0 else 0.74 if beat % 1 == 0 else 0.68
        notes.append(Note(beat, min(gap, longest), step, accent + (0.04 if i == 0 else 0.0)))
    return tuple(notes)


def developed(rng: np.random.Generator, motif: Motif, other: Motif, scheme: str) -> list[Motif]:
    """Returns the motifs of a phrase, written by a scheme of letters.

    A: the motif; B: another; s, u: lower, higher; i: turned upside down; v: with another rhythm; t: with another end;
    q: an answer, lower and calm at its end; h: its first half alone; "-": a rest.
    """
    down, up = -int(rng.choice((1, 1, 2, 3))), int(rng.choice((1, 2, 2, 3)))
    makers = {
        "A": lambda: motif,
        "B": lambda: other,
        "s": lambda: moved(motif, down),
        "u": lambda: moved(motif, up),
        "i": lambda: replace(motif, notes=tuple(replace(n, step=-n.step) for n in motif.notes)),
        "v": lambda: with_other_rhythm(rng, motif),
        "t": lambda: with_other_end(rng, motif),
        "q": lambda: answered(rng, motif),
        "h": lambda: replace(motif, notes=tuple(n for n in motif.notes if n.beat < motif.bars * 2)),
        "-": lambda: replace(motif, notes=()),
    }
    made: dict[str, Motif] = {}
    for letter in scheme.split():
        made.setdefault(letter, makers[letter]())
    return [made[letter] for letter in scheme.split()]


def moved(motif: Motif, steps: int) -> Motif:
    """Returns the motif on another scale step."""
    return replace(motif, notes=tuple(replace(n, step=n.step + steps) for n in motif.notes))


def with_other_rhythm(rng: np.random.Generator, motif: Motif) -> Motif:
    """Returns the motif with a note split, delayed or left out."""
    notes = list(motif.notes)
    if len(notes) < 2:
        return moved(motif, 1)
    at = int(rng.integers(1, len(notes)))
    note, kind = notes[at], rng.random()
    if kind < 0.4 and note.length >= 0.5:
        half = 0.25 * round(note.length / 0.5) or 0.25
        first = replace(note, length=half)
        notes[at : at + 1] = [first, replace(note, beat=note.beat + half, length=note.length - half, accent=0.66)]
    elif kind < 0.7 and note.length >= 0.5:
        notes[at] = replace(note, beat=note.beat + 0.25, length=note.length - 0.25)
    else:
        del notes[at]
    return replace(motif, notes=tuple(notes))


def with_other_end(rng: np.random.Generator, motif: Motif) -> Motif:
    """Returns the motif with new steps for its last notes."""
    notes = list(motif.notes)
    count = min(len(notes), int(rng.integers(1, 4)))
    shift = int(rng.choice((-3, -2, -1, 1, 2, 3)))
    for k in range(count):
        at = len(notes) - count + k
        notes[at] = replace(notes[at], step=notes[at].step + shift * (k + 1) // count)
    return replace(motif, notes=tuple(notes))


def answered(rng: np.random.Generator, motif: Motif) -> Motif:
    """Returns an answer: it starts a little late, lies lower, and rests on its last note."""
    shift = int(rng.choice((-4, -3, -2, 3)))
    notes = [replace(n, step=n.step + shift) for n in motif.notes if n.beat > 0 or rng.random() < 0.5]
    notes = notes[: max(1, len(notes) - int(rng.integers(0, 2)))]
    if notes:
        last = notes[-1]
        room = max(0.25, motif.bars * 4 - last.beat)
        notes[-1] = replace(last, length=min(room, max(last.length, 1.0)), step=shift)
    return replace(motif, notes=tuple(notes))


def thinned(rng: np.random.Generator, motif: Motif) -> Motif:
    """Returns the motif with a part of its lighter notes left out, for a verse that leaves room for a voice."""
    if len(motif.notes) <= 2 * motif.bars:
        return motif
    notes = [n for i, n in enumerate(motif.notes) if i == 0 or n.beat % 2 == 0 or rng.random() < 0.45]
    return replace(motif, notes=tuple(notes))
