"""Makes parts of a finished beat anew on the page: the mixer's card, its buttons, and what they ask for.

The mixer's script asks with a JSON text: "of", the pack whose other parts stay, and "again", the parts to make anew. A
pasted recipe of a beat that keeps parts of an earlier one holds all of them, so it is enough to make that beat again.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import gradio as gr

from typebeat.page import html
from typebeat.page.links import options_of
from typebeat.page.mixer import mixer
from typebeat.page.notes import why_not_played
from typebeat.page.results import board, hero
from typebeat.page.run import PRIVATE, RUN, Launcher, Updates, build_buttons
from typebeat.parts.again import read_parent, settle, why_not_again
from typebeat.parts.own.keeping import kept_sample
from typebeat.parts.pack import BeatPack
from typebeat.parts.recipes import recipe_of_text
from typebeat.request.options import RequestError, listed
from typebeat.request.requests import SEEDS
from typebeat.request.settled import SettledRequest
from typebeat.serving.around import beat_again, source_of
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import States

MAKE = "Make the unlocked parts anew"
STOPPED = html.stopped("The beat is as it was.")
GONE = (
    "this beat is no longer on the server, where beats are kept for some hours: copy its recipe below, load it under "
    '"Load a recipe" and make it again; then its parts can be made anew'
)
ALL_LOCKED = "every part is locked, so nothing would be new; unlock the part that you want anew"
LONGEST_ASK = 2000  # characters; names of a pack and of parts


@dataclass(frozen=True)
class Mixer:
    """The card of the mixer.

    Attributes:
        runner: Runs the jobs, and knows the beats that were made.
        place: Holds the mixer; its clicks, by the page's script, ask for a part anew.
        status: Shows how that goes.
        start: Makes all unlocked parts anew.
        stop: Stops that.
        asked: What the script asks for.
    """

    runner: JobRunner
    place: gr.HTML
    status: gr.HTML
    start: gr.Button
    stop: gr.Button
    asked: gr.Textbox

    def show(self, pack: BeatPack, before: str = "") -> Updates:
        """Returns updates that show a pack's mixer; `before` is the beat to which the visitor may go back."""
        why_not = why_not_again(pack.recipe, self.runner.engines.beat) or _why_no_sample(self.runner, pack)
        return {self.place: mixer(pack, why_not, before), self.start: gr.update(value=MAKE, interactive=not why_not)}


def _why_no_sample(runner: JobRunner, pack: BeatPack) -> str:
    """Why there is no sound any more for a beat that is made around one; empty where there is, or need not be."""
    try:
        if kept_sample(pack.recipe):
            source_of(runner, pack)
    except RequestError as why:
        return str(why)
    return ""


def build_mixer(runner: JobRunner) -> Mixer:
    """Builds the card inside the current Gradio block; it is hidden as long as no beat is shown."""
    with gr.Column(elem_classes="card mixer-card", elem_id="mixer-card"):
        watch = "typebeatMixer.mount(element, trigger);"
        place = gr.HTML("", padding=False, elem_id="mixer", js_on_load=watch)
        status = gr.HTML("", padding=False, elem_id="anew-status", js_on_load=None)
        start, stop = build_buttons(MAKE, "anew", "anew-stop")
        asked = gr.Textbox(visible="hidden", elem_id="anew-asked")
    return Mixer(runner, place, status, start, stop, asked)


def wire_mixer(made: Mixer, stage: gr.HTML, results: gr.HTML, make: gr.Button) -> None:
    """Makes the mixer's buttons work; the stage and the results show what they make, and `make` waits meanwhile."""
    runner = made.runner

    def begin(stop: threading.Event, text: Any) -> States:
        pack, request = read_ask(runner, text)
        source, _ = source_of(runner, pack) if kept_sample(pack.recipe) else (None, None)
        return beat_again(runner, request, pack.recipe, stop, source)

    def shown(pack: BeatPack, before: str = "") -> Updates:
        found = board(pack, why_not_played(runner.engines.beat))
        return {stage: hero(pack), results: found, made.status: "", **made.show(pack, before)}

    def done(pack: BeatPack, text: Any) -> Updates:
        return shown(pack, before=_asked(text)["of"])

    def back(text: Any) -> Updates:
        pack = runner.pack(_asked(text)["of"])
        return shown(pack) if pack else {made.status: html.trouble("One thing first", GONE)}

    launcher = Launcher(
        runner, begin, done, _no_hints, made.start, made.stop, "Making …", made.status, others=(make,), stopped=STOPPED
    )
    changed = [made.place, stage, results]
    for event, ask in ((made.place.click, "anew"), (made.start.click, "unlocked")):
        event(launcher.run, made.asked, [*launcher.outputs, *changed], js=f"() => typebeatMixer.{ask}()", **RUN)
    outputs = [*changed, made.start, made.status]
    made.place.submit(back, made.asked, outputs, js="() => typebeatMixer.before()", queue=False, **PRIVATE)
    launcher.wire_stop()


def _no_hints(wrong: RequestError | None) -> Updates:
    return {}


def read_ask(runner: JobRunner, text: Any) -> tuple[BeatPack, SettledRequest]:
    """Returns the beat that the mixer asks of, and what it asks for.

    Raises:
        RequestError: every part is locked, the beat is gone, or its parts cannot be made anew.
    """
    asked = _asked(text)
    if not asked["again"]:
        raise RequestError("again", ALL_LOCKED)
    pack = runner.pack(asked["of"])
    if pack is None:
        raise RequestError("of", GONE)
    # a seed that the words name would make the same part once more
    return pack, settle({"again": asked["again"], "seed": secrets.randbelow(SEEDS)}, pack.recipe)


def _asked(text: Any) -> dict[str, Any]:
    """Returns "of", a text, and "again", a list of texts; raises RequestError for what is no such ask."""
    try:
        asked: dict[str, Any] = json.loads(text) if isinstance(text, str) and len(text) <= LONGEST_ASK else {}
        told = {"again": [], **asked}
        is_right = isinstance(told["again"], list) and all(
            isinstance(each, str) for each in (told["of"], *told["again"])
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        is_right = False
    if not is_right:
        raise RequestError("again", "this page does not fit the server any more; reload it")
    return told


# --- pasted recipes and links of beats that keep parts of an earlier one ---


def keeps_parts(options: dict[str, Any]) -> bool:
    """Whether options are of a beat that keeps parts of an earlier one."""
    return bool(options.get("again"))


def told_of_kept(options: dict[str, Any], text: Any = "") -> str:
    """Returns the stage for such a beat: what it needs, and a button to make it where the recipe's text holds that."""
    parts = options["again"] if isinstance(options["again"], (list, tuple)) else str(options["again"]).split(",")
    new = f"Only its {escape(listed([str(part).strip() for part in parts], 'and'))} came from its seed"
    try:
        recipe = recipe_of_text(str(text))
        settle(options_of(recipe), recipe)
        parents = read_parent(recipe).parents
    except RequestError:
        return html.stage(
            "kept",
            "This beat needs the one that it belongs to",
            f"{new}; all else is kept from an earlier beat, of which nothing is said here. Paste the whole "
            "<b>recipe.json</b> of this beat, or open the earlier one and press Again in its mixer. The form makes a "
            "whole new beat instead.",
        )
    named = f", <b>{escape(parents[-1])}</b>" if parents else ""
    return html.stage(
        "kept",
        "This beat keeps parts of an earlier one",
        f"{new}; all else is kept from an earlier beat{named}. Its recipe holds them, so it can be made again as it "
        "was. The form makes a whole new beat instead.",
        '<div class="acts"><button type="button" class="act" data-whole>Make this beat again</button></div>',
    )


def launcher_of_recipe(launcher: Launcher, show: Callable[[BeatPack], Updates]) -> Launcher:
    """Returns a launcher that makes the beat of a pasted recipe, with the parts that this recipe keeps."""

    def begin(stop: threading.Event, text: Any) -> States:
        recipe = recipe_of_text(str(text))
        return beat_again(launcher.runner, settle(options_of(recipe), recipe), recipe, stop)

    return replace(launcher, begin=begin, done=lambda pack, text: show(pack))
