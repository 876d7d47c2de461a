"""What the starter is asked for in its benchmark, and whether a beat is that.

Prompts are words drawn by seed for what a plan of the corpus names: a mood, the lead, the chords' instrument, the
groove, a trait of the bass, and parts to leave out. Their seeds are below those of training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from benchmarks import measures
from benchmarks.ears.ear import GROUP_OF, Ear, is_heard
from training.starter.corpus.grooves import pattern_of
from training.starter.corpus.plan import draw_plan
from training.starter.corpus.score import PARTS, Plan
from typebeat.request.reading import describe_concepts
from typebeat.request.styles import STYLES

PROMPT_SEEDS = 900_000
BARS = 8
HITS = (
    *("tempo_hit", "key_hit", "backbeat_hit", "style_hit", "instrument_hit", "instrument_exact", "chords_hit"),
    *("groove_hit", "parts_hit"),
)


@dataclass(frozen=True)
class Asked:
    """What a beat should be: a plan of the corpus, and words that ask for it."""

    plan: Plan
    prompt: str

    def plays(self, part: str) -> bool:
        """Whether a part is to sound."""
        return part not in self.plan.left_out


def draw_prompts(count: int) -> list[Asked]:
    """Returns `count` requests, of each style in turn; the same ones for the same count."""
    asked = []
    for number in range(count):
        plan = draw_plan(PROMPT_SEEDS + number, BARS, style=list(STYLES)[number % len(STYLES)])
        asked.append(Asked(plan, describe_concepts(named(plan), Random(number), "en")))
    return asked


def named(plan: Plan) -> list[str]:
    """Returns the concepts that a prompt names of a plan."""
    told = {
        "drums": [f"groove:{plan.groove}"],
        "808": [f"bass:{trait}" for trait in plan.bass_traits[:1]],
        "chords": [f"chords:{plan.chord_sound}"],
        "melody": [f"lead:{plan.lead}"],
    }
    sounding = [concept for part in PARTS if part not in plan.left_out for concept in told[part]]
    return [f"mood:{plan.moods[0]}", *sounding, *(f"without:{part}" for part in plan.left_out)]


def judge(parts: Mapping[str, np.ndarray], sample_rate: int, asked: Asked, ear: Ear) -> dict[str, float | None]:
    """Returns which requested properties a beat has, 1 or 0 each, None for what was not asked; a broken beat has none.

    Args:
        parts: Sound of each of `PARTS`, mono, (n,) float32, from the first downbeat on.
        sample_rate: Of the parts.
        asked: What the beat should be.
        ear: Names instruments, groove and style.
    """
    plan = asked.plan
    mix = np.sum(list(parts.values()), axis=0)
    if measures.what_is_broken(mix):
        return {**{name: None if name in _unasked(asked) else 0.0 for name in HITS}, "broken": 1.0}
    drums = parts["drums"]
    lead = ear.instrument(parts["melody"], sample_rate)
    chords = ear.instrument(parts["chords"], sample_rate)
    hits = {
        "tempo_hit": measures.is_tempo(measures.measure_bpm(mix, sample_rate), plan.bpm),
        "key_hit": measures.is_key(measures.rank_keys(mix, sample_rate), plan.key),
        "backbeat_hit": has_backbeat(drums, sample_rate, plan.bpm, plan.groove),
        "style_hit": ear.style(mix, drums, sample_rate, plan.bpm) == plan.style,
        "instrument_hit": GROUP_OF.get(lead) == GROUP_OF[plan.lead],
        "instrument_exact": lead == plan.lead,
        "chords_hit": GROUP_OF.get(chords) == GROUP_OF[plan.chord_sound],
        "groove_hit": ear.groove(drums, sample_rate, plan.bpm) == plan.groove,
        "parts_hit": all(is_heard(parts[part]) == asked.plays(part) for part in PARTS),
    }
    return {**{name: None if name in _unasked(asked) else float(hit) for name, hit in hits.items()}, "broken": 0.0}


def _unasked(asked: Asked) -> set[str]:
    """Returns what cannot be judged, since the parts that it is heard in are to be silent, or nothing is said of it."""
    needs = {
        **dict.fromkeys(("tempo_hit", "backbeat_hit", "groove_hit"), ("drums",)),
        **dict.fromkeys(("instrument_hit", "instrument_exact"), ("melody",)),
        "chords_hit": ("chords",),
    }
    out = {name for name, parts in needs.items() if not all(map(asked.plays, parts))}
    if not (asked.plays("chords") or asked.plays("melody")):
        out.add("key_hit")
    return out | (set() if asked.plan.style else {"style_hit"}) | (set() if asked.plan.left_out else {"parts_hit"})


def judge_all(
    beats: Sequence[tuple[Mapping[str, np.ndarray], int]], asked: Sequence[Asked], ear: Ear
) -> dict[str, float]:
    """Returns the share of beats with each property, of those asked for it, and the number of broken beats."""
    rows = [judge(parts, rate, each, ear) for (parts, rate), each in zip(beats, asked, strict=True)]
    shares = {}
    for name in HITS:
        known = [row[name] for row in rows if row[name] is not None]
        shares |= {name: float(np.mean(known))} if known else {}
    return {**shares, "broken": float(sum(row["broken"] for row in rows))}


def has_backbeat(drums: np.ndarray, sample_rate: int, bpm: float, groove: str) -> bool:
    """Whether the spectrum widens where a groove has its backbeat more than on other beats, in most bars.

    A groove of two bars may begin with either.
    """
    if not is_heard(drums):
        return False
    sixteenth = 15 / bpm
    bars = max(1, round(len(drums) / sample_rate / (16 * sixteenth)))
    rises = measures.broadening(drums, sample_rate, np.arange(16 * bars) * sixteenth).reshape(bars, 16)
    backbeats = [[round(4 * place) for place in bar] for bar in pattern_of(groove).backbeats]
    others = [[step for step in range(0, 16, 4) if step not in struck] for struck in backbeats]
    wider = [
        [bar[backbeats[half]].mean() > bar[others[half]].mean() for half in range(2)] for bar in rises
    ]  # by bar, and by which bar of the groove it may be
    return max(np.mean([wider[bar][(bar + first) % 2] for bar in range(bars)]) for first in range(2)) > 0.5
