"""What was made of a request's words, as plain values: for the recipe, for `--dry-run`, and for whoever types."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from typebeat.request.requests import DRAWN, BeatRequest
from typebeat.request.said import METRE
from typebeat.request.settled import SettledRequest, resolve, said_by

# in which part of models that know drums, bass and other another part is played
PLAYED_IN = {"808": "bass", "chords": "other", "melody": "other"}


def understanding(request: SettledRequest) -> dict[str, Any]:
    """Returns what was understood, what not, and what options overrule."""
    said = said_by(request)
    chosen = request.chosen_values
    given = {name: getattr(request, name) for name in (*DRAWN, "bars", "takes") if name not in chosen}
    if given.get("key"):
        given["mode"] = given["key"].split()[1]
    words = said.words.against(**given)
    return _plain(
        {
            "understood": [_without_blanks(asdict(entry)) for entry in words.understood],
            "not_understood": words.not_understood,
            "not_possible": [asdict(each) for each in said.impossible],
            "contradicted": [asdict(each) for each in words.contradicted],
            "parts_left_out": words.parts_left_out,
        }
    )


def left_out(request: BeatRequest) -> tuple[str, ...]:
    """Returns the parts of the beat that the words want silent."""
    return said_by(request).words.parts_left_out


def place_of(part: str, parts: Collection[str]) -> str:
    """Returns under which name a part is found among the parts of a model or of a splitter."""
    return part if part in parts else PLAYED_IN.get(part, part)


def silenced(unwanted: Collection[str], parts: Collection[str]) -> tuple[str, ...]:
    """Returns which of the parts that a model plays hold nothing but what is unwanted."""
    unwanted = set(unwanted)
    played = {part: {name for name, within in PLAYED_IN.items() if within == part} or {part} for part in parts}
    return tuple(part for part in parts if part in unwanted or played[part] <= unwanted)


def not_silenced(request: BeatRequest, parts: Collection[str]) -> dict[str, str]:
    """Returns the parts that are to be silent and that a model cannot leave out, with the reason."""
    silent = silenced(left_out(request), parts)
    rest = [part for part in left_out(request) if not {part, PLAYED_IN.get(part)} & set(silent)]
    whole = "these weights play one sound, not parts, so nothing in it can be left out for certain"
    return {part: f"these weights play it within {PLAYED_IN[part]}" if parts else whole for part in rest}


def asked(request: SettledRequest) -> dict[str, Any]:
    """Returns tempo and key as far as the user asked for them; None for what was chosen."""
    chosen = request.chosen_values
    return {name: None if name in chosen else getattr(request, name) for name in ("bpm", "key")}


def preview(request: BeatRequest, given: Collection[str] = ()) -> dict[str, Any]:
    """Returns what a request would make, before anything is made.

    Values stand under their options as far as they are asked for, and None for what is to be drawn; a key of which
    only the mode is asked for is "major" or "minor". What the seed draws stands under "chosen", if it is known.

    Raises:
        RequestError: as `resolve` does.
    """
    resolved = resolve(request, given)
    words, chosen = said_by(resolved).words, resolved.chosen_values
    if request.seed is None and "seed" in chosen:  # then another seed is drawn next time
        chosen = {name: value for name, value in chosen.items() if name == "style" or getattr(request, name)}
    values = asked(resolved)
    return _plain(
        {
            "bpm": values["bpm"],
            "key": values["key"] or words.mode,
            "style": resolved.style,
            "bars": resolved.bars,
            "takes": resolved.takes,
            "seed": None if "seed" in resolved.chosen_values else resolved.seed,
            "metre": METRE,
            "mode": values["key"].split()[1] if values["key"] else words.mode,
            "pace": words.pace,
            "concepts": words.concepts,
            "excluded": words.excluded,
            "artists": words.artists,
            "chosen": chosen,
            **understanding(resolved),
        }
    )


def notes(told: dict[str, Any]) -> list[str]:
    """Returns what a user should know of an `understanding`, in a line each."""
    why = {each["words"]: each["why"] for each in told["not_possible"]}
    lines = [f"{entry['words']!r}: {entry['note']}" for entry in told["understood"] if "note" in entry]
    lines += [f"not possible: {words!r} ({reason})" for words, reason in why.items()]
    lines += [f"not understood: {words!r}" for words in told["not_understood"] if words not in why]
    lines += [
        f"contradicted: {each['words']!r}, since {each['option']} is given as {_shown(each['given'])}"
        for each in told["contradicted"]
    ]
    return lines


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _without_blanks(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != ""}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Returns the values as JSON would give them back, with lists for tuples."""
    return json.loads(json.dumps(values))
