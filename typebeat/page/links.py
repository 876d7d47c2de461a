"""Reads and writes a request's options: in the page's form, in a link, and from a pasted recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest, chosen_text
from typebeat.request.styles import STYLES

OPTIONS: dict[str, Field[Any]] = {option.name: option for option in fields(BeatRequest)}
EVERY_PACK = "beat"  # the part that nobody can leave out, so no control shows it


def form_values(options: Mapping[str, Any]) -> list[Any]:
    """Returns the value of every control, in the order of `OPTIONS`; without an option its default."""
    return [_shown(option, options.get(name, option.default)) for name, option in OPTIONS.items()]


def options_of_form(values: tuple[Any, ...]) -> dict[str, Any]:
    """Returns options by name from the values of the controls, in the order of `OPTIONS`."""
    options = dict(zip(OPTIONS, values, strict=True))
    if isinstance(options["parts"], list):
        options["parts"] = [EVERY_PACK, *options["parts"]]
    return options


def link(options: Mapping[str, Any]) -> str:
    """Returns the query of a link that fills the form with these options."""
    said = {name: _in_link(options[name]) for name in OPTIONS if options.get(name) not in (None, "", (), [])}
    return "?" + urlencode(said)


def options_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the options among what a recipe holds."""
    options = {name: recipe[name] for name in OPTIONS if name in recipe}
    if isinstance(options.get("chosen"), Mapping):
        options["chosen"] = chosen_text(options["chosen"])
    return options


def options_of_text(text: Any) -> dict[str, Any]:
    """Returns the options of a pasted recipe.json or link.

    Raises:
        RequestError: it is neither, or asks for what is not allowed.
    """
    said = str(text or "").strip()
    try:
        if "?" in said and not said.startswith("{"):
            options = options_of_query(parse_qs(urlparse(said).query))
        else:
            recipe = json.loads(said)
            options = options_of(recipe) if isinstance(recipe, dict) else {}
    except (ValueError, RecursionError):  # no JSON, too deep, or no address
        options = {}
    if not options:
        raise RequestError(
            "recipe", "this is no recipe; paste a whole recipe.json, from { to }, or a link of this page"
        )
    check_options(options)
    return options


def check_options(options: Mapping[str, Any]) -> None:
    """Raises RequestError for options that are not allowed; words and style may be missing, to be filled in later."""
    said = any(str(options.get(name) or "").strip() for name in ("prompt", "style"))
    BeatRequest.parse(**(dict(options) if said else {**options, "style": next(iter(STYLES))}))


def options_of_query(query: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the options in a link's query (name -> value or values) and leaves out other names, such as Gradio's."""
    last = {name: values[-1] if isinstance(values, list) else values for name, values in query.items()}
    return {name: last[name] for name in OPTIONS if name in last}


def _shown(option: Field[Any], value: Any) -> Any:
    if option.metadata["kind"] == "list":
        names = value.split(",") if isinstance(value, str) else value
        if not option.metadata["choices"]:
            return ",".join(names)
        return [name for name in names if name != EVERY_PACK]
    if option.default is None and option.metadata["kind"] != "choice":  # a text box can be empty
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return "" if value is None else value


def _in_link(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
