"""Tells what would be made of a reference, before anything is made: for `--dry-run` and `/understand`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from typebeat.engines import BeatEngine
from typebeat.parts.own import Reference
from typebeat.parts.own.placing import cut_of
from typebeat.parts.own.refusals import check_playable
from typebeat.parts.own.settling import settled_by, wish_of
from typebeat.request.options import RequestError, listed
from typebeat.request.reference import CONTINUE, MELODY, NOTES, PLAYED, STYLE
from typebeat.request.requests import BEATS_PER_BAR, BeatRequest
from typebeat.request.settled import SettledRequest, resolve
from typebeat.request.understanding import preview
from typebeat.sound.audio import SAMPLE_RATE

SETTLES = ("bpm", "key", "bars")  # of a beat, by a reference
_TAKES = {  # what weights must be able to do
    NOTES: "this takes weights that play given notes",
    MELODY: "this takes weights that play given notes, or a melody model",
    STYLE: "this takes weights that hear a style",
}
_SAME_SPEED = 0.0005  # a change below half a thousandth is not told


def foretold(
    reference: Reference, options: Mapping[str, Any], given: Collection[str] = (), beat: BeatEngine | None = None
) -> dict[str, Any]:
    """Returns a `preview` of named options, and under "reference" what was heard and what would be made of it.

    Args:
        reference: As it was heard and corrected.
        options: The options of the beat.
        given: Names of those that the user gave, even if they hold their defaults.
        beat: The weights, if they are loaded; "refused" then says why they cannot play it, or is empty.

    Raises:
        RequestError: the options are not allowed, or the reference does not fit them.
    """
    asked = BeatRequest.parse(**wish_of(reference, dict(options)))
    settled = settled_by(reference, asked, given)
    about = {
        **reference.facts(),
        "settles": {name: getattr(settled, name) for name in SETTLES if getattr(settled, name) != getattr(asked, name)},
        "would_make": plan_lines(reference, resolve(settled, given)),
    }
    if beat is not None:
        about["refused"] = _refused(reference, beat)
    return {**preview(settled, given), "reference": about}


def plan_lines(reference: Reference, request: SettledRequest) -> list[str]:
    """Returns what would be made of a reference for a resolved request, a line each.

    Raises:
        RequestError: the sound does not fit the tempo or the bars of the request.
    """
    if reference.use == STYLE:
        return ["a new beat would sound like it; its tempo, key and notes are not taken", _TAKES[STYLE]]
    if not reference.stays:
        rest = [part for part in reference.played or PLAYED if part not in reference.given]
        around = f"{listed(rest, 'and')} would be made around them" if rest else "nothing else would be played"
        return [f"{listed(reference.given, 'and')} would play your notes; {around}", _TAKES[reference.use]]
    cut = cut_of(reference, request)
    if reference.use == CONTINUE:
        own = round(cut.period / SAMPLE_RATE * request.bpm / 60 / BEATS_PER_BAR, 2)
        new = listed(reference.played or PLAYED, "and")
        lines = [f"your sound first, {own:g} bars of it, then {new} to bar {request.bars}"]
    else:
        times = request.seconds * SAMPLE_RATE / cut.period
        turns = "once" if round(times, 2) == 1 else f"{times:.3g} times"
        lines = [f"your sound {turns}, with new {listed(reference.played, 'and')}"]
    lines.append(_about_speed(cut.speed))
    if cut.cents:
        lines.append(f"what has a pitch and is new would be tuned {cut.cents:+.0f} cents, as your sound is")
    return lines


def _about_speed(speed: float) -> str:
    if abs(speed - 1) < _SAME_SPEED:
        return "your sound at its own tempo"
    return f"your sound {100 * abs(speed - 1):.3g} % {'faster' if speed > 1 else 'slower'}, at its own pitch"


def _refused(reference: Reference, beat: BeatEngine) -> str:
    try:
        check_playable(reference, beat)
    except RequestError as why:
        return str(why)
    return ""
