"""What the song form does to the drums: which lanes of the loop play in each bar, drop-outs, fills, crashes, risers."""

from dataclasses import dataclass

import numpy as np

from training.starter.corpus.form import bar_of_section
from training.starter.corpus.score import Plan, Section

FULL_SECTIONS = ("loop", "verse", "hook")
_ALL = ("kick", "back", "ghost", "closed", "open", "shaker", "cowbell", "percussion")
_MODES = {  # lanes and their loudness
    "full": dict.fromkeys(_ALL, 1.0),
    "hook": {**dict.fromkeys(_ALL, 1.0), "more_closed": 1.0, "more_open": 1.0},
    "verse": {**dict.fromkeys(_ALL, 0.92), "kick": 1.0, "back": 0.97},
    "thin": {"first_kick": 0.9, "back": 0.9, "half_closed": 0.8, "shaker": 0.8, "ghost": 0.8},
    "no-kick": {"back": 0.85, "closed": 0.85, "shaker": 0.85, "percussion": 0.85, "cowbell": 0.85},
    "hats": {"closed": 0.8, "shaker": 0.8},
    "percussion": {"closed": 0.75, "percussion": 0.9, "shaker": 0.85, "cowbell": 0.8},
    "kick": {"kick": 0.95},
    "kick-hats": {"kick": 0.9, "closed": 0.8},
    "nothing": {},
}
_CHOICES = {
    "intro": {"nothing": 0.28, "hats": 0.3, "percussion": 0.25, "no-kick": 0.1, "kick": 0.07},
    "bridge": {"thin": 0.65, "no-kick": 0.35},
    "break": {"nothing": 0.4, "kick": 0.25, "hats": 0.25, "kick-hats": 0.1},
    "outro": {"full": 0.3, "thin": 0.4, "no-kick": 0.3},
}


@dataclass
class BarForm:
    """One bar's drums: loudness by lane, beat from which kick or all are silent, fill, crash and riser."""

    lanes: dict[str, float]
    kick_until: float = 4.0
    all_until: float = 4.0
    fill: str = ""  # "small", "big" or none
    crash: float = 0.0
    riser: bool = False


def draw_form(rng: np.random.Generator, plan: Plan) -> list[BarForm]:
    """Draws the form of every bar."""
    sure = _sure_section(plan)
    bars: list[BarForm] = []
    for section in plan.sections:
        bars += _section_bars(rng, plan, section, section is sure)
    for before, section in zip(plan.sections, plan.sections[1:], strict=False):
        if section.name == "hook":
            last = bars[section.first_bar - 1]
            last.riser = before.name != "loop"
            kind = rng.random()
            if kind < 0.3:
                last.kick_until = float(rng.choice((1.0, 2.0, 3.0)))
            elif kind < 0.5:
                last.all_until = float(rng.choice((3.0, 3.5)))
    if "fills" in plan.drum_traits:
        _add_fills(plan, bars, sure)
    if "sparse" in plan.drum_traits:
        for bar in bars:
            bar.lanes = {lane: gain for lane, gain in bar.lanes.items() if lane != "more_closed"}
    return bars


def _sure_section(plan: Plan) -> Section:
    """Returns the section in which all that the plan names is heard, whatever its name."""
    order = ("loop", "hook", "verse", "outro", "bridge", "intro", "break")
    return min(plan.sections, key=lambda s: (order.index(s.name) if s.bars > 1 else 9, -s.bars))


def _section_bars(rng: np.random.Generator, plan: Plan, section: Section, sure: bool) -> list[BarForm]:
    begins = bar_of_section(plan, section.first_bar) == 0
    crash, chance = float(rng.uniform(0.7, 0.95)), rng.random()
    if section.name in FULL_SECTIONS:
        mode = {"loop": "full", "verse": "verse", "hook": "hook"}[section.name]
        modes = [mode] * section.bars
    else:
        choices = _CHOICES[section.name]
        mode = str(rng.choice(list(choices), p=list(choices.values())))
        modes = [mode] * section.bars
        if mode == "percussion" and not {"percussion", "shaker", "cowbell"} & set(plan.drum_traits):
            modes = ["hats"] * section.bars
        if section.name == "intro" and section.bars >= 4 and rng.random() < 0.5:  # hats join half way
            half = section.bars // 2
            modes[half:] = ["hats" if mode == "nothing" else "no-kick"] * (section.bars - half)
        if section.name == "outro":
            modes[-1] = "hats" if section.bars > 1 else mode
        if sure:  # a beat cut from intro or bridge alone
            half = 0 if section.name in ("outro", "bridge") else section.bars // 2
            end = section.bars // 2 + 1 if section.name == "outro" else section.bars
            modes[half:end] = ["full"] * (end - half)
    bars = [BarForm(dict(_MODES[mode])) for mode in modes]
    if begins and modes[0] != "nothing":
        likely = {"hook": 0.9, "verse": 0.35, "loop": 0.35, "outro": 0.3}.get(section.name, 0.1)
        likely *= 0.5 if "sparse" in plan.drum_traits else 1.0
        bars[0].crash = crash if chance < likely else 0.0
    if section.name in ("verse", "hook") and section.bars >= 8 and rng.random() < 0.3:  # the kick rests for a bar
        bars[int(rng.choice(range(3, section.bars, 4)))].kick_until = float(rng.choice((0.25, 2.0)))
    return bars


def _add_fills(plan: Plan, bars: list[BarForm], sure: Section) -> None:
    """Ends four bars with a small fill and eight, or a section before another, with a big one."""
    for section in plan.sections:
        for bar in range(section.first_bar, section.first_bar + section.bars):
            at = bar_of_section(plan, bar)
            leads_on = bar + 1 == section.first_bar + section.bars < plan.bars
            if "back" in bars[bar].lanes and (at % 4 == 3 or leads_on):
                bars[bar].fill = "big" if at % 8 == 7 or leads_on else "small"
    if not any(bar.fill for bar in bars):
        played = [bar for bar in bars[sure.first_bar : sure.first_bar + sure.bars] if "back" in bar.lanes]
        for bar in played[-1:]:
            bar.fill = "small"
    for bar in bars:
        if bar.fill:
            bar.kick_until = bar.all_until = 4.0
