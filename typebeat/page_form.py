"""The form of a beat: one control per option, made from `BeatRequest`'s metadata; examples, samples, dice, recipes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from typebeat.page_options import EVERY_PACK, OPTIONS
from typebeat.page_samples import samples_html
from typebeat.request import SEEDS, RequestError
from typebeat.styles import STYLES

IN_SIGHT = ("prompt", "style")  # the other options are folded away
ROWS = (("bpm", "key", "bars"), ("takes", "parts"), ("seed",), ("guidance", "temperature"), ("top_k",))  # folded
MOST_SEGMENTS = 8  # a whole number with so few values is a row of buttons
PART_NAMES = {"stems": "Stems", "midi": "MIDI", "cover": "Cover"}
EXAMPLES = {
    "Midnight bells": ("dark bells over a slow 808, eerie choir", "travis-scott"),
    "Moon walk": ("warm detuned keys, humming lead, dusty drums, 84 bpm", "kid-cudi"),
    "Neon coast": ("glossy plucks, bouncing bass, crisp claps in F# minor", "don-toliver"),
}


@dataclass(frozen=True)
class Form:
    """The controls of a request.

    Attributes:
        controls: Option name -> its control, in the order of `OPTIONS`.
        fold: What holds those that are folded away.
        recipe: Where a recipe or a link can be pasted.
        load: Loads it.
    """

    controls: dict[str, Any]
    fold: gr.Accordion
    recipe: gr.Textbox
    load: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """Every control, in the order of `OPTIONS`."""
        return list(self.controls.values())

    def told(self, wrong: RequestError | None = None) -> dict[Any, Any]:
        """Every control with its hint, or with what is wrong with it; the fold opens where the wrong one is in it."""
        updates: dict[Any, Any] = {}
        for name, control in [*self.controls.items(), ("recipe", self.recipe)]:
            is_wrong = wrong is not None and wrong.field == name
            classes = [*(control.elem_classes or []), *(["wrong"] if is_wrong else [])]
            updates[control] = gr.update(info=str(wrong) if is_wrong else hint(name), elem_classes=classes)
        if wrong and wrong.field not in IN_SIGHT:
            updates[self.fold] = gr.update(open=True)
        return updates


def build_form() -> Form:
    """Builds the form where Gradio stands."""
    made: dict[str, Any] = {"prompt": _control("prompt")}
    with gr.Row(elem_classes="examples"):
        examples = [gr.Button(name, size="sm", min_width=0, scale=0) for name in EXAMPLES]
    with gr.Column(elem_classes="style-wrap"):
        made["style"] = _control("style")
        gr.HTML(samples_html(), padding=False, js_on_load=None, elem_id="samples")
    with gr.Accordion("Tempo, key, bars, seed and what to include", open=False, elem_classes="fine") as fold:
        for row in ROWS:
            with gr.Row(elem_classes=f"row-of-{len(row)} {row[0]}-row"):
                made |= {name: _control(name) for name in row}
                if row == ("seed",):
                    dice = gr.Button("Roll", scale=0, min_width=88, elem_id="dice")
        with gr.Row(elem_classes="recipe-row"):
            recipe = gr.Textbox(
                label="Load a recipe",
                info=hint("recipe"),
                placeholder='{"style": "kid-cudi", …',
                lines=1,
                max_lines=3,
                elem_id="paste",
                elem_classes="field",
            )
            load = gr.Button("Load", scale=0, min_width=88, elem_id="load")
    for button, (prompt, style) in zip(examples, EXAMPLES.values(), strict=True):
        button.click(None, None, [made["prompt"], made["style"]], js=f"() => {json.dumps([prompt, style])}")
    dice.click(None, None, made["seed"], js=f"() => String(Math.floor(Math.random() * {SEEDS}))")
    return Form({name: made[name] for name in OPTIONS}, fold, recipe, load)


def hint(name: str) -> str | None:
    """The line under a control's label: what is allowed, or what the option does."""
    if name == "recipe":
        return "Paste a recipe.json or a link of this page"
    about = OPTIONS[name].metadata
    if name in ("bpm", "bars"):
        return f"{about['low']:g} to {about['high']:g} {about['unit']}"
    if name == "key":
        return "or type Fm"
    if name in (*IN_SIGHT, "parts"):
        return None
    return about["help"][0].upper() + about["help"][1:]


def _control(name: str) -> Any:
    """The control of an option; what it accepts is checked by `BeatRequest`, so that errors stand at the field."""
    option, about = OPTIONS[name], OPTIONS[name].metadata
    low, high, default = about["low"], about["high"], option.default
    common = {"label": about["label"], "info": hint(name), "elem_id": name, "elem_classes": "field", "min_width": 96}
    if name == "style":
        cards = [(f"{style.name}\n{style.line}", slug) for slug, style in STYLES.items()]
        own_words = [("Auto: my words decide", "")]
        return gr.Radio(cards + own_words, value=default, **common | {"elem_classes": "field style-cards"})
    if about["kind"] == "list":
        parts = [(PART_NAMES[part], part) for part in about["choices"] if part != EVERY_PACK]
        classes = {"label": "Include", "elem_classes": "field checks"}
        return gr.CheckboxGroup(parts, value=[part for _, part in parts], **common | classes)
    if about["kind"] == "choice":
        choices = [("Auto", ""), *((choice, choice) for choice in about["choices"])]
        return gr.Dropdown(choices, value="", allow_custom_value=True, **common)
    if about["kind"] == "text":
        says = "dark bells over a slow 808 …"
        label = {"label": "What should it sound like?"}
        return gr.Textbox(value=default, lines=2, max_lines=5, placeholder=says, autofocus=True, **common | label)
    if about["kind"] == "whole" and high - low < MOST_SEGMENTS:
        return gr.Radio(list(range(low, high + 1)), value=default, **common | {"elem_classes": "field segments"})
    if default is None:  # a text field, since Gradio's number field shows an open number as 0
        return gr.Textbox(value="", placeholder="Auto", **common)
    if name == "bars":
        return gr.Number(value=default, step=about["step"], **common)
    return gr.Slider(low, high, value=default, step=about["step"], buttons=["reset"], **common)
