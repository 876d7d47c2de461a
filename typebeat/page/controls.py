"""Builds a control for each option of a record (`BeatRequest`, `MidiOptions`, `CoverRequest`) from its metadata.

The record checks what a control holds, and its error is shown at the control.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field
from typing import Any

import gradio as gr

from typebeat.request.options import RequestError

MOST_SEGMENTS = 8  # an option with fewer values is a row of buttons


def build_control(option: Field[Any], *, elem_id: str, label: str = "", info: str | None = None) -> Any:
    """Builds the control of one option inside the current Gradio block.

    An option without a default is a text box or a list with "Auto", since Gradio's number field shows no value as 0.
    """
    about: Mapping[str, Any] = option.metadata
    default: Any = option.default
    common = {"label": label or about["label"], "info": info, "elem_id": elem_id, "min_width": 96}
    field = {**common, "elem_classes": "field"}
    if about["kind"] == "switch":
        return gr.Checkbox(value=default, **field)
    if about["kind"] == "choice":
        if default and len(about["choices"]) < MOST_SEGMENTS:
            return gr.Radio(list(about["choices"]), value=default, **common, elem_classes="field segments")
        choices = [("Auto", ""), *((choice, choice) for choice in about["choices"])]
        return gr.Dropdown(choices, value="", allow_custom_value=True, **field)
    if about["kind"] in ("text", "list"):
        return gr.Textbox(value=",".join(default) if about["kind"] == "list" else default, **field)
    low, high, step = about["low"], about["high"], about["step"]
    if default is None:
        return gr.Textbox(value="", placeholder="Auto", **field)
    if about["kind"] == "whole" and high - low < MOST_SEGMENTS:
        return gr.Radio(list(range(low, high + 1)), value=default, **common, elem_classes="field segments")
    return gr.Slider(low, high, value=default, step=step, buttons=["reset"], **field)


def build_rows(
    rows: Iterable[tuple[str, ...]], options: Mapping[str, Field[Any]], hints: Mapping[str, str | None], tab: str
) -> dict[str, Any]:
    """Builds rows of controls, which are named in them; returns the controls by name."""
    controls = {}
    for row in rows:
        with gr.Row(elem_classes="plain-row"):
            for name in row:
                controls[name] = build_control(options[name], elem_id=f"{tab}-{name}", info=hints[name])
    return controls


def limits_or_help(option: Field[Any]) -> str:
    """Returns the line under a control: what is allowed, if that is short, else what the option does."""
    about = option.metadata
    if option.default is None and about["low"] is not None and option.name != "seed":
        return f"{about['low']:g} to {about['high']:g} {about['unit']}".strip()
    if option.name == "key":
        return "or type Fm"
    return about["help"][0].upper() + about["help"][1:]


def show_hints(
    controls: Mapping[str, Any], hints: Mapping[str, str | None], wrong: RequestError | None = None
) -> dict[Any, Any]:
    """Returns updates that show each control with its hint, or with what is wrong with it."""
    updates: dict[Any, Any] = {}
    for name, control in controls.items():
        is_wrong = wrong is not None and wrong.field == name
        classes = [*(control.elem_classes or []), *(["wrong"] if is_wrong else [])]
        updates[control] = gr.update(info=str(wrong) if is_wrong else hints[name], elem_classes=classes)
    return updates
