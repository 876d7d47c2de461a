"""Builds the tab that makes beats: the form, the stage, the results below, and their events."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from typebeat.page import html
from typebeat.page.form import Form, build_form
from typebeat.page.links import OPTIONS, check_options, form_values, options_of_form, options_of_query, options_of_text
from typebeat.page.results import board, hero
from typebeat.page.run import PRIVATE, RUN, Launcher, Updates, build_buttons
from typebeat.parts.pack import BeatPack
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest, resolve
from typebeat.serving.jobs import JobRunner
from typebeat.serving.queue import State

IDLE = ("Your beat plays here", "A line of text is enough. Leave the rest open and the words decide.")
NOT_REMEMBERED = ("prompt", "seed")  # options that the next visit does not begin with
BEFORE_MAKE = "(...values) => typebeat.beforeMake(values)"
SHELF = (
    '<div id="shelf" hidden><h2>Your shelf</h2>'
    "<p>Kept in this browser: play it, or open its recipe again.</p><ul></ul></div>"
)


@dataclass(frozen=True)
class BeatTab:
    """The components that events read and change."""

    form: Form
    make: gr.Button
    stop: gr.Button
    status: gr.HTML
    live: gr.Textbox  # the next piece of sound while it is made, for the page's script
    results: gr.HTML
    last: gr.BrowserState  # the settings of the last beat, as the browser keeps them

    @property
    def outputs(self) -> list[Any]:
        """Everything that a run may change."""
        form = [*self.form.inputs, self.form.fold, self.form.recipe]
        return [*form, self.make, self.stop, self.status, self.live, self.results, self.last]


def build_beat_tab(blocks: gr.Blocks, runner: JobRunner) -> None:
    """Builds the tab inside the current Gradio block."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            form = build_form()
            make, stop = build_buttons("Make the beat", "make", "stop")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear", elem_id="hear"):
            # a click on Vary or Extend triggers the event that `_wire` listens to; player.js handles all others
            again = "element.addEventListener('click', (event) => { if (typebeat.again(event)) trigger('click'); });"
            status = gr.HTML(html.idle(*IDLE), padding=False, elem_id="status", js_on_load=again)
            gr.HTML('<canvas id="live-wave" aria-hidden="true"></canvas>', padding=False, js_on_load=None)
            live = gr.Textbox(visible="hidden", elem_id="live")
    results = gr.HTML("", padding=False, elem_id="results", js_on_load=again)
    gr.HTML(SHELF, padding=False, js_on_load=None)
    last = gr.BrowserState(None, storage_key="typebeat-last", secret="typebeat")  # no secret: it hides nothing
    _wire(blocks, BeatTab(form, make, stop, status, live, results, last), runner)


def _wire(blocks: gr.Blocks, tab: BeatTab, runner: JobRunner) -> None:
    def begin(stop: threading.Event, *values: Any) -> AsyncIterator[State]:
        return runner.beat(resolve(BeatRequest.parse(**options_of_form(values))), stop, aloud=True)

    def done(pack: BeatPack, *values: Any) -> Updates:
        last = {name: value for name, value in options_of_form(values).items() if name not in NOT_REMEMBERED}
        return {tab.status: hero(pack), tab.results: board(pack), tab.last: last}

    launcher = Launcher(
        runner, begin, done, tab.form.hints, tab.make, tab.stop, "Making …", tab.status,
        cleared=(tab.results, tab.live), live=tab.live,
    )  # fmt: skip

    def on_load(text: Any) -> Updates:
        try:
            options = options_of_text(text)
        except RequestError as wrong:
            return tab.form.hints(RequestError("recipe", str(wrong)))
        return _together(tab.form.hints(), _filled(tab, options), {tab.form.recipe: gr.update(value="")})

    def on_open(visitor: gr.Request, last: Any) -> Updates:
        query = options_of_query(dict(visitor.query_params))
        if query:
            try:
                check_options(query)
            except RequestError as wrong:
                status = html.trouble("This link asks for what is not allowed", str(wrong))
                return {**_together(tab.form.hints(wrong), _filled(tab, query)), tab.status: status}
            return {**_filled(tab, query), tab.form.fold: gr.update(open=True)}
        return _filled(tab, last) if isinstance(last, dict) else gr.skip()

    form = tab.form
    began = [tab.make.click, form.controls["prompt"].submit]
    gr.on(began, launcher.run, form.inputs, tab.outputs, js=BEFORE_MAKE, **RUN)
    for place in (tab.status, tab.results):
        filled = place.click(None, None, form.inputs, js="() => typebeat.values()")
        filled.then(launcher.run, form.inputs, tab.outputs, js=BEFORE_MAKE, **RUN)
    gr.on([form.load.click, form.recipe.submit], on_load, form.recipe, tab.outputs, queue=False, **PRIVATE)
    tab.live.change(None, tab.live, None, js="piece => typebeatLive.play(piece)")
    tab.stop.click(None, js="() => typebeatLive.silence()")
    launcher.wire_stop()
    blocks.unload(launcher.stop_job)
    blocks.load(on_open, tab.last, tab.outputs, queue=False, **PRIVATE)


def _filled(tab: BeatTab, options: dict[str, Any]) -> Updates:
    """Returns the form with these options; the others stay as they are."""
    values = dict(zip(OPTIONS, form_values(options), strict=True))
    return {tab.form.controls[name]: gr.update(value=values[name]) for name in OPTIONS if name in options}


def _together(*several: Updates) -> Updates:
    """Joins updates of the same components, the later ones over the earlier."""
    joined: Updates = {}
    for component, update in (pair for updates in several for pair in updates.items()):
        joined[component] = {**joined.get(component, {}), **update}
    return joined
