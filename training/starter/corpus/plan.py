"""Draws what a beat is, before a note of it is written, and names it in concepts."""

import numpy as np

from training.starter.corpus import palette
from training.starter.corpus.playing import PLAYING
from training.starter.corpus.score import PARTS, Plan, Section
from typebeat.request.concepts import CONCEPT_IDS, INSTRUMENTS, MOODS
from typebeat.request.styles import STYLES
from typebeat.request.words import BPM_LIMITS, NOTE_NAMES

STYLED = 0.6
LOOP_SHARE = 0.5
COUNTER_SHARE = 0.13
MAJOR_LIKE = ("major", "mixolydian", "lydian")
NAMED_SCALES = ("phrygian", "harmonic-minor", "dorian")
_DRUM_EFFECTS = ("reverb", "tape", "vinyl", "muffled", "bitcrush")  # those that drums alone can have
_KNOWN = frozenset(CONCEPT_IDS)


def pick(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """Draws a name by its weight."""
    names = list(weights)
    share = np.cumsum([max(0.0, weights[name]) for name in names])
    return names[int(np.searchsorted(share, rng.random() * share[-1], side="right"))]


def draw_plan(
    seed: int, bars: int, style: str | None = None, bpm: float | None = None, loop: bool | None = None
) -> Plan:
    """Draws the plan of a beat.

    Args:
        seed: The same seed and options give the same plan.
        bars: Length of the beat.
        style: A slug of `STYLES`, "" for no artist's style, None to draw one or none.
        bpm: Tempo; None to draw it from the groove's and the style's range.
        loop: True for one "loop" section, False for an excerpt of a song form, None to draw which.
    """
    from training.starter.corpus.bassline import draw_bass
    from training.starter.corpus.drumming import draw_drum_traits

    rng, form_rng, drum_rng, bass_rng = (np.random.default_rng([seed, k]) for k in range(1, 5))
    if style is None:
        style = str(rng.choice(list(STYLES))) if rng.random() < STYLED else ""
    groove = _groove(rng, style, bpm)
    bpm = _tempo(rng, style, groove) if bpm is None else float(np.clip(bpm, *BPM_LIMITS))
    moods = _moods(rng, style, groove)
    lead = pick(rng, _instrument_weights(palette.COMMON, palette.STYLE_INSTRUMENTS, style, groove, moods, 0.5))
    chord_sound = _chord_sound(rng, lead, style, groove, moods)
    scale = _scale(rng, style, moods)
    key = f"{_tonic(rng, style)} {'major' if scale in MAJOR_LIKE else 'minor'}"
    melody_traits = _melody_traits(rng, lead)
    harmony_traits = _harmony_traits(rng, scale, groove, style, chord_sound)
    effects = _effects(rng, style, groove, moods)
    counter = _counter(rng, lead, chord_sound, style, groove, moods)
    left_out = _left_out(rng)
    drum_traits = tuple(draw_drum_traits(drum_rng, groove, style))
    bass_sound, bass_traits = draw_bass(bass_rng, groove, style)
    return Plan(
        seed=seed,
        style=style,
        bpm=bpm,
        key=key,
        scale=scale,
        bars=bars,
        swing=_swing(drum_rng, groove, drum_traits),
        groove=groove,
        moods=moods,
        lead=lead,
        chord_sound=chord_sound,
        counter="" if "melody" in left_out else counter,
        bass_sound=bass_sound,
        drum_traits=drum_traits,
        bass_traits=tuple(bass_traits),
        melody_traits=melody_traits,
        harmony_traits=harmony_traits,
        effects=effects,
        left_out=left_out,
        sections=_sections(form_rng, bars, loop),
    )


def _groove(rng: np.random.Generator, style: str, bpm: float | None) -> str:
    weights = dict(palette.STYLE_GROOVES.get(style, palette.FREE_GROOVES))
    if bpm is not None:
        weights = {g: w * (1 if _range(g)[0] <= bpm <= _range(g)[1] else 0.02) for g, w in weights.items()}
    return pick(rng, weights)


def _range(groove: str) -> tuple[float, float]:
    from training.starter.corpus.grooves import GROOVES as FACTS

    low, high = FACTS[groove].bpm
    return max(BPM_LIMITS[0], low), min(BPM_LIMITS[1], high)


def _tempo(rng: np.random.Generator, style: str, groove: str) -> float:
    low, high = _range(groove)
    if style and rng.random() < 0.85:
        within = max(low, STYLES[style].bpm_low), min(high, STYLES[style].bpm_high)
        low, high = within if within[1] - within[0] >= 3 else (low, high)
    return float(rng.integers(int(np.ceil(low)), int(high) + 1))


def _moods(rng: np.random.Generator, style: str, groove: str) -> tuple[str, ...]:
    weights = dict(palette.STYLE_MOODS[style]) if style else dict.fromkeys(MOODS, 1.0)
    for mood in palette.GROOVE_MOODS[groove]:
        weights[mood] = weights.get(mood, 0.3) * 2
    first = pick(rng, weights)
    if rng.random() < 0.45:
        return (first,)
    barred = {first}.union(*(pair for pair in palette.OPPOSITES if first in pair))
    return (first, pick(rng, {mood: w for mood, w in weights.items() if mood not in barred}))


def _instrument_weights(
    common: dict[str, float],
    of_style: dict[str, str],
    style: str,
    groove: str,
    moods: tuple[str, ...],
    floor: float,
) -> dict[str, float]:
    """Returns instruments' weights: the more of style, groove and moods speak for one, the likelier it is."""
    weights = {}
    for name in INSTRUMENTS:
        fit = floor + (name in palette.GROOVE_INSTRUMENTS[groove].split())
        fit += sum(name in palette.MOOD_INSTRUMENTS[mood].split() for mood in moods) / len(moods)
        fit += 1.5 * (name in of_style.get(style, "").split())
        weights[name] = common[name] * fit
    return weights


def _chord_sound(rng: np.random.Generator, lead: str, style: str, groove: str, moods: tuple[str, ...]) -> str:
    weights = _instrument_weights(palette.CHORD_COMMON, palette.STYLE_CHORD_SOUNDS, style, groove, moods, 0.6)
    family = PLAYING[lead].family
    for name in weights:
        if PLAYING[name].family == family and family in ("guitar", "mallets", "plucked"):
            weights[name] *= 0.6  # two of a kind blur
    alone_ok = family in ("keys", "guitar") or lead in ("pluck", "strings", "saw", "harp")
    weights[lead] *= 0.8 if alone_ok else 0.0
    return pick(rng, weights)


def _counter(
    rng: np.random.Generator, lead: str, chord_sound: str, style: str, groove: str, moods: tuple[str, ...]
) -> str:
    if rng.random() >= COUNTER_SHARE:
        return ""
    weights = _instrument_weights(palette.COMMON, palette.STYLE_INSTRUMENTS, style, groove, moods, 0.5)
    return pick(rng, {name: w for name, w in weights.items() if name not in (lead, chord_sound)})


def _scale(rng: np.random.Generator, style: str, moods: tuple[str, ...]) -> str:
    weights = dict(palette.SCALES)
    for factors in (palette.STYLE_SCALES.get(style, {}), *(palette.MOOD_SCALES.get(mood, {}) for mood in moods)):
        for scale, factor in factors.items():
            weights[scale] *= factor
    return pick(rng, weights)


def _tonic(rng: np.random.Generator, style: str) -> str:
    """Returns a note name: any, but a style's own keys twice as often."""
    own = {key.split()[0] for key in STYLES[style].keys} if style else set()
    return pick(rng, {name: 2.0 if name in own else 1.0 for name in NOTE_NAMES})


def _melody_traits(rng: np.random.Generator, lead: str) -> tuple[str, ...]:
    playing = PLAYING[lead]
    slow, quick = playing.pace == "slow", playing.pace == "quick"
    busy = 0.0 if slow else 0.3 if quick else 0.2
    manner = pick(rng, {"simple": 0.4 if slow else 0.26, "busy-melody": busy, "": 0.5})
    form = pick(rng, {"call-and-answer": 0.2, "repeating": 0.22, "": 0.55})
    can = {"high": playing.high >= 86, "low": playing.low <= 57, "": True}
    place = pick(rng, {name: p for name, p in (("high", 0.16), ("low", 0.16), ("", 0.68)) if can[name]})
    return tuple(name for name in (manner, form, place) if name)


def _harmony_traits(rng: np.random.Generator, scale: str, groove: str, style: str, chord_sound: str) -> tuple[str, ...]:
    chance = palette.SEVENTHS.get(groove, 0.14) + {"don-toliver": 0.25, "kid-cudi": 0.15}.get(style, 0.0)
    chance *= 0.3 if chord_sound == "distorted-guitar" else 1.0
    traits = ["sevenths"] if rng.random() < chance else []
    traits += ["pedal"] if rng.random() < 0.1 else []
    traits += [scale] if scale in NAMED_SCALES else []
    playing = PLAYING[chord_sound]
    weights = {mode: 1.0 for mode in playing.modes}
    weights[""] = 1.6 if playing.family in ("keys", "guitar") else 0.8
    if playing.family == "held" and "sustained" in weights:
        weights["sustained"] = 2.5
    if groove in ("crunk", "rage", "dancehall", "afro", "west-coast", "jersey-club") and "stabs" in weights:
        weights["stabs"] *= 2
    mode = pick(rng, weights)
    return (*traits, mode) if mode else tuple(traits)


def _effects(rng: np.random.Generator, style: str, groove: str, moods: tuple[str, ...]) -> tuple[str, ...]:
    chances = dict(palette.EFFECT_CHANCES[style])
    for more in (palette.GROOVE_EFFECTS.get(groove, {}), *(palette.MOOD_EFFECTS.get(mood, {}) for mood in moods)):
        for name, p in more.items():
            chances[name] = chances.get(name, 0.0) + p
    effects = [name for name in chances if rng.random() < chances[name]]
    return tuple(rng.permutation(effects)[:3].tolist())


def _swing(rng: np.random.Generator, groove: str, drum_traits: tuple[str, ...]) -> float:
    if "swing" not in drum_traits:
        return 0.5
    from training.starter.corpus.grooves import GROOVES as FACTS

    return round(float(rng.uniform(*FACTS[groove].swing)), 3)


def _left_out(rng: np.random.Generator) -> tuple[str, ...]:
    kind = rng.random()
    if kind < 0.06:  # drums only
        out = {"808", "chords", "melody"}
    elif kind < 0.09:  # just a loop of one instrument
        out = {"drums", "808", str(rng.choice(("chords", "melody")))}
    else:
        out = {name for name, p in (("drums", 0.08), ("808", 0.085)) if rng.random() < p}
        tuned = rng.random()
        out |= {"melody"} if tuned < 0.044 else {"chords"} if tuned < 0.088 else set()
    return tuple(part for part in PARTS if part in out)


def _sections(rng: np.random.Generator, bars: int, loop: bool | None) -> tuple[Section, ...]:
    drawn = rng.random() < LOOP_SHARE
    if drawn if loop is None else loop:
        return (Section("loop", 0, bars),)
    form = [("intro", int(rng.choice((2, 4, 8))))]
    middle = ["break"] if rng.random() < 0.7 else []
    names = ["verse", "hook", *middle, "verse", "hook", "bridge", *(["break"] if rng.random() < 0.4 else []), "hook"]
    lengths = {"verse": (8, 16), "hook": (8,), "bridge": (4, 8), "break": (2, 4)}
    form += [(name, int(rng.choice(lengths[name]))) for name in names]
    form += [("outro", 4)]
    while sum(length for _, length in form) < bars:
        form[-1:-1] = [("verse", 16), ("hook", 8)]
    by_bar = [(number, name) for number, (name, length) in enumerate(form) for _ in range(length)]
    step = int(rng.choice((1, 2, 4), p=(0.1, 0.4, 0.5)))  # phrases of two or four bars seldom start in their middle
    latest = len(by_bar) - bars
    first = int(rng.choice((0, latest, step * int(rng.integers(latest // step + 1))), p=(0.12, 0.1, 0.78)))
    excerpt = by_bar[first : first + bars]
    sections: list[Section] = []
    for bar, (number, name) in enumerate(excerpt):
        if bar and excerpt[bar - 1][0] == number:
            sections[-1] = Section(name, sections[-1].first_bar, sections[-1].bars + 1)
        else:
            sections.append(Section(name, bar, 1))
    return tuple(sections)


def concepts_of(plan: Plan) -> tuple[str, ...]:
    """Returns the concepts that name a beat, in the order of `CONCEPT_IDS`; what is left out is not described."""
    out = set(plan.left_out)
    names = {f"mood:{mood}" for mood in plan.moods} | {f"without:{part}" for part in out}
    names |= {f"section:{section.name}" for section in plan.sections}
    if "drums" not in out:
        names |= {f"groove:{plan.groove}", *(f"drums:{trait}" for trait in plan.drum_traits)}
    if "808" not in out:
        names |= {f"bass:{plan.bass_sound}", *(f"bass:{trait}" for trait in plan.bass_traits)}
    if "melody" not in out:
        names |= {f"lead:{plan.lead}", *(f"melody:{trait}" for trait in plan.melody_traits)}
        names |= {"melody:counter-melody"} if plan.counter else set()
    if "chords" not in out:
        names |= {f"chords:{plan.chord_sound}", *(f"harmony:{trait}" for trait in plan.harmony_traits)}
    elif "melody" not in out:
        names |= {f"harmony:{trait}" for trait in plan.harmony_traits if trait in NAMED_SCALES}
    drums_only = {"808", "chords", "melody"} <= out
    audible = {name for name in plan.effects if name in _DRUM_EFFECTS or not drums_only}
    names |= {f"fx:{name}" for name in audible if name != "sidechain" or "drums" not in out}
    return tuple(name for name in CONCEPT_IDS if name in names & _KNOWN)
