"""Builds the form of a beat: one control per option of `BeatRequest`, examples, samples, a dice, and pasted recipes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any

import gradio as gr

from typebeat.page.controls import build_control, limits_or_help, show_hints
from typebeat.page.html import PLAY_ICON, file_url
from typebeat.page.links import EVERY_PACK, OPTIONS
from typebeat.request.options import RequestError
from typebeat.request.requests import SEEDS
from typebeat.request.styles import STYLES

SAMPLES = Path(__file__).parent / "assets" / "samples"  # made by training/starter/samples.py
IN_SIGHT = ("prompt", "style")  # the other options are folded away
UNSEEN = ("again", "chosen")  # filled by recipes and links alone
# the rows of the fold
ROWS = (
    ("bpm", "key", "bars"),
    ("takes", "parts"),
    ("seed",),
    ("guidance", "temperature"),
    ("top_k", "drafts"),
)
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
        heard: Shows what is understood of the words; a click on it, by the page's script, asks for that anew.
        fold: Holds the controls that are folded away.
        recipe: Where a recipe or a link can be pasted.
        pasted: What was pasted last, hidden, for other tabs to look at: `recipe` is emptied.
        load: Loads it.
    """

    controls: dict[str, Any]
    heard: gr.HTML
    fold: gr.Accordion
    recipe: gr.Textbox
    load: gr.Button
    pasted: gr.Textbox

    @property
    def inputs(self) -> list[Any]:
        """Every control, in the order of `OPTIONS`."""
        return list(self.controls.values())

    def hints(self, wrong: RequestError | None = None) -> dict[Any, Any]:
        """Returns updates that show each control with its hint or with what is wrong; the fold opens if need be."""
        shown = {**self.controls, "recipe": self.recipe}
        updates = show_hints(shown, {name: hint(name) for name in shown}, wrong)
        if wrong and wrong.field not in IN_SIGHT:
            updates[self.fold] = gr.update(open=True)
        return updates


def build_form() -> Form:
    """Builds the form inside the current Gradio block."""
    made: dict[str, Any] = {name: _control(name) for name in ("prompt", *UNSEEN)}
    tell = "typebeat.onTyped(() => trigger('click'));"
    heard = gr.HTML("", padding=False, elem_id="heard", js_on_load=tell)
    with gr.Row(elem_classes="examples"):
        examples = [gr.Button(name, size="sm", min_width=0, scale=0) for name in EXAMPLES]
    with gr.Column(elem_classes="style-wrap"):
        made["style"] = _control("style")
        gr.HTML(samples_html(), padding=False, js_on_load=None, elem_id="samples")
    rest = [(name,) for name in OPTIONS if name not in (*made, *IN_SIGHT, *chain(*ROWS))]
    with gr.Accordion("Tempo, key, bars, seed and what to include", open=False, elem_classes="fine") as fold:
        for row in (*ROWS, *rest):
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
            pasted = gr.Textbox(visible="hidden", elem_id="pasted")
    for button, (prompt, style) in zip(examples, EXAMPLES.values(), strict=True):
        button.click(None, None, [made["prompt"], made["style"]], js=f"() => {json.dumps([prompt, style])}")
    dice.click(None, None, made["seed"], js=f"() => String(Math.floor(Math.random() * {SEEDS}))")
    return Form({name: made[name] for name in OPTIONS}, heard, fold, recipe, load, pasted)


def hint(name: str) -> str | None:
    """Returns the line under a control's label: what is allowed, or what the option does."""
    if name == "recipe":
        return "Paste a recipe.json or a link of this page"
    about = OPTIONS[name].metadata
    if name == "drafts":
        return f"{about['low']} to {about['high']} of each take; the best is kept"
    if name == "bars":
        return f"{about['low']:g} to {about['high']:g} {about['unit']}"
    return None if name in (*IN_SIGHT, "parts") else limits_or_help(OPTIONS[name])


def _control(name: str) -> Any:
    """Builds the control of an option, which for some options shows more than their metadata says."""
    option, about = OPTIONS[name], OPTIONS[name].metadata
    common = {"label": about["label"], "info": hint(name), "elem_id": name, "min_width": 96}
    if name == "style":
        return style_cards(elem_id="style")
    if name == "prompt":
        says = "dark bells over a slow 808 …"
        ask = {"label": "What should it sound like?", "elem_classes": "field big-words"}
        return gr.Textbox(value="", lines=2, max_lines=5, placeholder=says, autofocus=True, **common | ask)
    if name == "parts":
        parts = [(PART_NAMES[part], part) for part in about["choices"] if part != EVERY_PACK]
        include = {"label": "Include", "elem_classes": "field checks"}
        return gr.CheckboxGroup(parts, value=[part for _, part in parts], **common | include)
    if name in UNSEEN:
        return gr.Textbox(value="", visible="hidden", **common)
    if name == "bars":
        return gr.Number(value=option.default, step=about["step"], elem_classes="field", **common)
    return build_control(option, elem_id=name, info=hint(name))


def samples_html() -> str:
    """Returns buttons that play a beat of each style, in the order of the cards."""
    buttons = []
    for style in STYLES.values():
        path = SAMPLES / f"{style.slug}.mp3"
        if path.is_file():
            name = f"a {style.name} beat"
            buttons.append(
                f'<div class="player sample" data-src="{escape(file_url(path))}" data-style="{style.slug}">'
                f'<button type="button" class="play" aria-label="Play {escape(name)}">{PLAY_ICON}</button></div>'
            )
    return f'<div class="samples">{"".join(buttons)}</div>'


def style_cards(*, elem_id: str) -> gr.Radio:
    """Builds a card for each style, and one that leaves the choice to the words."""
    cards = [(f"{style.name}\n{style.line}", slug) for slug, style in STYLES.items()]
    own_words = [("Auto: my words decide", "")]
    about = OPTIONS["style"]
    return gr.Radio(
        cards + own_words,
        value=about.default,
        label=about.metadata["label"],
        elem_id=elem_id,
        elem_classes="field style-cards",
    )
