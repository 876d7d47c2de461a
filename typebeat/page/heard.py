"""The line under the words: what the machine takes from them, while somebody types."""

from __future__ import annotations

from html import escape
from typing import Any

from typebeat.page.links import options_of_form
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.styles import STYLES
from typebeat.request.understanding import preview

MOST_CHIPS = 14
MOST_NAMED = 6  # phrases that were not understood
_UNITS = {"bpm": "BPM", "bars": "bars", "takes": "takes"}


def heard(*values: Any) -> str:
    """Returns what is understood of the form's values as HTML; empty without words."""
    options = options_of_form(values)
    words = str(options.get("prompt") or "").strip()
    if not words:
        return ""
    try:
        return heard_line(preview(BeatRequest.parse(**options)))
    except RequestError as wrong:  # what is wrong with another field is said there, once it counts
        return _line("trouble", "Not possible", [str(wrong)]) if wrong.field == "prompt" else ""


def heard_line(told: dict[str, Any]) -> str:
    """Returns a `preview` as chips, and below them what was not understood or is overruled."""
    chips = chips_of(told)
    more = len(chips) - MOST_CHIPS
    shown = [f"<li>{escape(chip)}</li>" for chip in chips[:MOST_CHIPS]] + (
        [f"<li>{more} more</li>"] if more > 0 else []
    )
    row = f'<ul class="chips" aria-label="Understood">{"".join(shown)}</ul>' if chips else ""
    why = {each["words"]: each["why"] for each in told["not_possible"]}
    unread = [words for words in told["not_understood"] if words not in why]
    named = unread[:MOST_NAMED] + (["…"] if len(unread) > MOST_NAMED else [])
    overruled = [f"{each['words']} (set to {_shown(each['given'])} below)" for each in told["contradicted"]]
    return "".join(
        [
            row,
            _line("unread", "Tempo", [entry["note"] for entry in told["understood"] if "note" in entry]),
            _line("unread", "Not understood", named),
            _line("unread", "Not possible", [f"{words}: {reason}" for words, reason in why.items()]),
            _line("unread", "Overruled", overruled),
        ]
    )


def chips_of(told: dict[str, Any]) -> list[str]:
    """Returns a short text for each thing that was understood, each once, in the order of the words."""
    overruled = {each["option"] for each in told["contradicted"]}
    texts: list[str] = []
    for entry in told["understood"]:
        option, value = entry["option"], entry["value"]
        if option in overruled or (option.startswith("bpm") and "bpm" in overruled):
            continue
        if option.startswith("bpm"):
            texts.append(f"{told['bpm']:g} BPM")
        elif option in ("bars", "takes"):
            texts.append(f"{value} {_UNITS[option] if value > 1 else _UNITS[option][:-1]}")
        elif option == "concepts":
            texts += [_name(concept) for concept in value]
        elif option in ("excluded", "parts_left_out"):
            texts += [f"no {_name(each)}" for each in value]
        elif option in ("mode", "seed"):
            texts.append(f"{value} key" if option == "mode" else f"seed {value}")
        elif option == "style":
            texts.append(STYLES[value].name)
        elif option != "parts":
            texts.append(_shown(value))
    return list(dict.fromkeys(texts))


def _name(concept: str) -> str:
    return concept.rpartition(":")[2].replace("-", " ")


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _line(kind: str, title: str, phrases: list[str]) -> str:
    if not phrases:
        return ""
    return f'<p class="{kind}"><b>{title}</b> {escape(" · ".join(phrases))}</p>'
