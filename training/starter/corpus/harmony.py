"""Draws the chords of a beat: a loop of one to eight bars, perhaps another one in the bridge and in breaks."""

import numpy as np

from training.starter.corpus.form import bar_of_section
from training.starter.corpus.progressions import JAZZ_GROOVES, JAZZ_LOOPS, LOOPS, scale_of
from training.starter.corpus.score import QUALITIES, Chord, Plan

_TRIADS = ("m", "", "dim", "aug")
_SEVENTHS = {"": ("maj7", "7"), "m": ("m7", "mmaj7"), "dim": ("m7b5", "dim7"), "aug": ()}
_NINTHS = {"maj7": "maj9", "m7": "m9", "7": "9"}
_COLOURS = {"": ("add9", "sus2", "sus4"), "m": ("madd9", "madd9", "sus2", "sus4")}
_SUSPENDED = ("sus2", "sus4")
_BARE_GROOVES = {"crunk": 0.25, "rage": 0.25, "phonk": 0.15, "detroit": 0.15}

Slot = tuple[int, str, int]  # root, quality, bass


def draw_harmony(rng: np.random.Generator, plan: Plan) -> tuple[Chord, ...]:
    """Draws the chords of a whole beat, each half a bar or a bar long; a longer chord stands as several equal ones."""
    main = _loop(rng, plan)
    others = {}
    for name, chance in (("bridge", 0.7), ("break", 0.4)):
        if rng.random() < chance:
            others[name] = _standing(main) if rng.random() < 0.3 else _loop(rng, plan)
    chords: list[Chord] = []
    for bar in range(plan.bars):
        halves = others.get(plan.section_at(bar).name, main)
        at = bar_of_section(plan, bar) * 2 % len(halves)
        first, second = halves[at], halves[at + 1]
        if first == second:
            chords.append(Chord(bar * 4.0, 4.0, *first))
        else:
            chords += [Chord(bar * 4.0, 2.0, *first), Chord(bar * 4 + 2.0, 2.0, *second)]
    return tuple(chords)


def _standing(loop: list[Slot]) -> list[Slot]:
    """Returns the loop's first chord alone, as a break that stands on it."""
    return [loop[0], loop[0]]


def _loop(rng: np.random.Generator, plan: Plan) -> list[Slot]:
    """Returns the chord of each half bar of a loop."""
    sevenths = "sevenths" in plan.harmony_traits
    bank = LOOPS[plan.scale]
    if sevenths and plan.scale in JAZZ_LOOPS and rng.random() < (0.6 if plan.groove in JAZZ_GROOVES else 0.2):
        bank = JAZZ_LOOPS[plan.scale]
    tokens = bank[rng.integers(len(bank))].split()
    if len(tokens) == 4 and rng.random() < 0.1:
        tokens = tokens[1:] + tokens[:1]  # the same loop, entered elsewhere
    halves = _halves_a_slot(rng, len(tokens), plan.bpm)
    slots = _spelled(rng, plan, tokens, sevenths)
    if "pedal" in plan.harmony_traits:
        tonic = scale_of(plan.key, plan.scale)[0]
        slots = [(root, quality, tonic) for root, quality, _ in slots]
    elif rng.random() < 0.12:
        slots = _smooth_bass(slots)
    loop = [slot for slot in slots for _ in range(halves)]
    return loop if len(loop) % 2 == 0 else loop * 2


def _halves_a_slot(rng: np.random.Generator, slots: int, bpm: float) -> int:
    """Returns how many half bars each chord of a loop lasts; fewer where bars are slow."""
    shares = {2: (0.15, 0.55, 0.3), 4: (0.3, 0.6, 0.1), 8: (0.6, 0.4, 0.0)}[slots]
    if bpm < 100:
        shares = {2: (0.3, 0.6, 0.1), 4: (0.5, 0.5, 0.0), 8: (0.8, 0.2, 0.0)}[slots]
    return int(rng.choice((1, 2, 4), p=shares))


def _spelled(rng: np.random.Generator, plan: Plan, tokens: list[str], sevenths: bool) -> list[Slot]:
    """Spells the tokens of a loop as chords; equal tokens are spelled alike."""
    scale = scale_of(plan.key, plan.scale)
    rich = float(rng.uniform(0.1, 0.6)) if sevenths else 0.0
    coloured = 0.0 if sevenths else float(rng.choice((0.0, 0.15, 0.45), p=(0.45, 0.35, 0.2)))
    coloured *= "pedal" not in plan.harmony_traits
    bare = not sevenths and rng.random() < _BARE_GROOVES.get(plan.groove, 0.0)
    spelled: dict[str, Slot] = {}
    for token in dict.fromkeys(tokens):
        chord, _, bass = token.partition("/")
        degree, named, quality = chord.partition(":")
        root = scale[int(degree[-1]) - 1] - degree.startswith("b")
        if not named:
            quality = "5" if bare else _diatonic(rng, scale, root, sevenths, rich, coloured)
        elif sevenths and quality in ("", "m", "7"):
            quality = {"": "maj7", "m": "m7", "7": "7"}[quality] if token[0] != "5" else "7"
        spelled[token] = (root % 12, quality, scale[int(bass) - 1] if bass else root % 12)
    return [spelled[token] for token in tokens]


def _diatonic(
    rng: np.random.Generator, scale: tuple[int, ...], root: int, sevenths: bool, rich: float, coloured: float
) -> str:
    """Returns a quality that lies in the scale on this root: a triad, or as the traits have it, a richer one."""
    fits = {q for q, steps in QUALITIES.items() if all((root + step) % 12 in scale for step in steps)}
    degree = scale.index(root % 12)
    stacked = tuple((scale[(degree + k) % 7] - root) % 12 for k in (0, 2, 4))
    triad = next((q for q in _TRIADS if QUALITIES[q] == stacked), "")
    if sevenths:
        quality = next((q for q in _SEVENTHS[triad] if q in fits), triad)
        if quality == "mmaj7" and rng.random() < 0.5:
            quality = "madd9"
        ninth = _NINTHS.get(quality)
        return ninth if ninth in fits and rng.random() < rich else quality
    if triad in _COLOURS and rng.random() < coloured:
        leading = (scale[0] - 1) % 12 in {(root + step) % 12 for step in QUALITIES[triad]}  # its tone must be heard
        choices = [q for q in _COLOURS[triad] if q in fits and not (leading and q in _SUSPENDED)]
        return str(rng.choice(choices)) if choices else triad
    return triad


def _smooth_bass(slots: list[Slot]) -> list[Slot]:
    """Puts third or fifth into the bass of inner chords where the bass line moves by smaller steps then."""
    done = [slots[0]]
    for root, quality, bass in slots[1:]:
        before = done[-1][2]
        near = [] if quality in _SUSPENDED else [(root + step) % 12 for step in QUALITIES[quality][1:3]]
        best = min((bass, *near), key=lambda pc: min((pc - before) % 12, (before - pc) % 12) or 3)
        done.append((root, quality, best))
    return done
