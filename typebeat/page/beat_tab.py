"""The tab that makes beats: form, stage, board, and the events between them.

It checks nothing itself (`request/requests.py` does) and makes nothing itself (`serving/jobs.py` and `pipeline.py` do).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from typebeat.engines import Stopped
from typebeat.page import html
from typebeat.page.form import Form, build_form
from typebeat.page.links import OPTIONS, check_options, form_values, options_of_form, options_of_query, options_of_text
from typebeat.page.results import board, hero
from typebeat.parts.pack import BeatPack
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest, resolve
from typebeat.serving.jobs import Booth, explain
from typebeat.serving.queue import Finished, Heard, State, Waiting
from typebeat.sound.audio import Audio

IDLE = ("Your beat plays here", "A line of text is enough. Leave the rest open and the words decide.")
NOT_REMEMBERED = ("prompt", "seed")  # of the last settings: every beat begins with words and a seed of its own
BEFORE_MAKE = "(...values) => typebeat.beforeMake(values)"
SHELF = (
    '<div id="shelf" hidden><h2>Your shelf</h2>'
    "<p>Kept in this browser: play it, or open its recipe again.</p><ul></ul></div>"
)
# private events take values as the browser sends them (no preprocessing), so that BeatRequest alone says what is wrong
PRIVATE: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private"}

Updates = dict[Any, Any]  # component -> what becomes of it


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


def build_beat_tab(blocks: gr.Blocks, booth: Booth) -> None:
    """Builds the tab where Gradio stands."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            form = build_form()
            with gr.Row(elem_classes="actions"):
                make = gr.Button("Make the beat", variant="primary", scale=3, min_width=160, elem_id="make")
                stop = gr.Button("Stop", scale=1, min_width=88, interactive=False, elem_id="stop")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear", elem_id="hear"):
            # a click on Vary or Extend in it triggers the click that `_wire` listens to; all others are player.js's
            again = "element.addEventListener('click', (event) => { if (typebeat.again(event)) trigger('click'); });"
            status = gr.HTML(html.idle(*IDLE), padding=False, elem_id="status", js_on_load=again)
            gr.HTML('<canvas id="live-wave" aria-hidden="true"></canvas>', padding=False, js_on_load=None)
            live = gr.Textbox(visible="hidden", elem_id="live")
    results = gr.HTML("", padding=False, elem_id="results", js_on_load=again)
    gr.HTML(SHELF, padding=False, js_on_load=None)
    last = gr.BrowserState(None, storage_key="typebeat-last", secret="typebeat")  # no secret: it hides nothing
    _wire(blocks, BeatTab(form, make, stop, status, live, results, last), booth)


def _wire(blocks: gr.Blocks, tab: BeatTab, booth: Booth) -> None:
    async def on_make(visitor: gr.Request, *values: Any) -> AsyncIterator[Updates]:
        yield _begun(tab)
        try:
            request = resolve(BeatRequest.parse(**options_of_form(values)))
            visit = booth.visit(visitor.session_hash)
            async with visit as stop, aclosing(booth.beat(request, stop, aloud=True)) as beat:
                async for state in beat:
                    yield _updates(tab, state, values)
        except RequestError as wrong:
            status = html.trouble("One thing first", str(wrong))
            yield {**tab.form.told(wrong), **_ended(tab, status)}
        except Stopped:
            yield _ended(tab, html.stopped())
        except Exception as failure:  # the page must say something whatever breaks
            yield _ended(tab, html.trouble(*explain(failure)))

    def on_stop(visitor: gr.Request) -> None:
        booth.stop(visitor.session_hash)

    def on_load(text: Any) -> Updates:
        try:
            options = options_of_text(text)
        except RequestError as wrong:
            return tab.form.told(RequestError("recipe", str(wrong)))
        return _together(tab.form.told(), _filled(tab, options), {tab.form.recipe: gr.update(value="")})

    def on_open(visitor: gr.Request, last: Any) -> Updates:
        query = options_of_query(dict(visitor.query_params))
        if query:
            try:
                check_options(query)
            except RequestError as wrong:
                status = html.trouble("This link asks for what is not allowed", str(wrong))
                return {**_together(tab.form.told(wrong), _filled(tab, query)), tab.status: status}
            return {**_filled(tab, query), tab.form.fold: gr.update(open=True)}
        return _filled(tab, last) if isinstance(last, dict) else gr.skip()

    form = tab.form
    run = {**PRIVATE, "concurrency_limit": None}
    began = [tab.make.click, form.controls["prompt"].submit]
    gr.on(began, on_make, form.inputs, tab.outputs, js=BEFORE_MAKE, **run)
    for place in (tab.status, tab.results):
        filled = place.click(None, None, form.inputs, js="() => typebeat.values()")
        filled.then(on_make, form.inputs, tab.outputs, js=BEFORE_MAKE, **run)
    gr.on([form.load.click, form.recipe.submit], on_load, form.recipe, tab.outputs, queue=False, **PRIVATE)
    tab.live.change(None, tab.live, None, js="piece => typebeatLive.play(piece)")
    tab.stop.click(None, js="() => typebeatLive.silence()")
    tab.stop.click(on_stop, queue=False, show_progress="hidden", api_visibility="private")
    blocks.unload(on_stop)
    blocks.load(on_open, tab.last, tab.outputs, queue=False, **PRIVATE)


def _updates(tab: BeatTab, state: State, values: tuple[Any, ...]) -> Updates:
    if isinstance(state, Finished):
        return _done(tab, state.result, values)
    if isinstance(state, Heard):
        return {tab.live: _for_script(state.piece)}
    if isinstance(state, Waiting):
        return {tab.status: html.waiting(state.ahead, state.seconds)}
    return {tab.status: html.working(state)}


def _for_script(piece: Audio) -> str:
    """A piece of sound as live.js takes it: 16-bit samples, channels interleaved, in base64."""
    samples = (piece.samples.T.clip(-1, 1) * 32767).astype("<i2").tobytes()
    told = {"rate": piece.sample_rate, "channels": len(piece.samples), "samples": b64encode(samples).decode()}
    return json.dumps(told)


def _filled(tab: BeatTab, options: dict[str, Any]) -> Updates:
    """The form with these options; what they leave out stays as it stands."""
    values = dict(zip(OPTIONS, form_values(options), strict=True))
    return {tab.form.controls[name]: gr.update(value=values[name]) for name in OPTIONS if name in options}


def _together(*several: Updates) -> Updates:
    """Joins updates of the same components, the later ones over the earlier."""
    joined: Updates = {}
    for component, update in (pair for updates in several for pair in updates.items()):
        joined[component] = {**joined.get(component, {}), **update}
    return joined


def _begun(tab: BeatTab) -> Updates:
    buttons = {tab.make: gr.update(value="Making …", interactive=False), tab.stop: gr.update(interactive=True)}
    return {**tab.form.told(), **buttons, tab.results: "", tab.live: ""}


def _ended(tab: BeatTab, status: str) -> Updates:
    make = gr.update(value="Make the beat", interactive=True)
    return {tab.make: make, tab.stop: gr.update(interactive=False), tab.status: status}


def _done(tab: BeatTab, pack: BeatPack, values: tuple[Any, ...]) -> Updates:
    settings = {name: value for name, value in options_of_form(values).items() if name not in NOT_REMEMBERED}
    return {**_ended(tab, hero(pack)), tab.results: board(pack), tab.last: settings}
