"""The tab that draws covers without a beat: words, style, title, and up to four pictures to choose from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, fields
from html import escape
from typing import Any

import gradio as gr

from typebeat.engines import Stopped
from typebeat.page import html
from typebeat.page.controls import build_control, limits_or_help, told
from typebeat.page.form import style_cards
from typebeat.page.results import section
from typebeat.request.cover_request import CoverRequest
from typebeat.request.options import RequestError
from typebeat.request.styles import STYLES
from typebeat.serving.jobs import Booth, DrawnCovers, explain
from typebeat.serving.queue import Finished, Waiting

OPTIONS = {option.name: option for option in fields(CoverRequest)}
HINTS = {name: limits_or_help(option) for name, option in OPTIONS.items()} | {"prompt": None, "style": None}
ROWS = (("title",), ("variations", "size"))
FOLDED = (("bpm", "key"), ("strength", "seed"))
IDLE = (
    "A cover for your beat",
    "Words, mood, tempo and key become colours and a motif; the title is set in real type.",
)
PRIVATE: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private"}

Updates = dict[Any, Any]


@dataclass(frozen=True)
class CoverTab:
    """The components that events read and change."""

    controls: dict[str, Any]
    draw: gr.Button
    stop: gr.Button
    status: gr.HTML
    results: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What a run may change."""
        return [*self.controls.values(), self.draw, self.stop, self.status, self.results]


def build_cover_tab(booth: Booth) -> None:
    """Builds the tab where Gradio stands."""
    made: dict[str, Any] = {}

    def control(name: str) -> None:
        label = "What is the beat like?" if name == "prompt" else ""
        made[name] = build_control(OPTIONS[name], elem_id=f"cover-{name}", label=label, info=HINTS[name])

    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            control("prompt")
            made["style"] = style_cards(elem_id="cover-style")
            for row in ROWS:
                with gr.Row(elem_classes="plain-row"):
                    for name in row:
                        control(name)
            with gr.Accordion("Tempo, key, strength and seed", open=False, elem_classes="fine"):
                for row in FOLDED:
                    with gr.Row(elem_classes="plain-row"):
                        for name in row:
                            control(name)
            with gr.Row(elem_classes="actions"):
                draw = gr.Button("Draw the cover", variant="primary", scale=3, min_width=160, elem_classes="go-button")
                stop = gr.Button("Stop", scale=1, min_width=88, interactive=False, elem_classes="stop-button")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear"):
            status = gr.HTML(html.idle(*IDLE), padding=False, elem_id="cover-status", js_on_load=None)
    results = gr.HTML("", padding=False, elem_id="cover-results", js_on_load=None)
    _wire(CoverTab({name: made[name] for name in OPTIONS}, draw, stop, status, results), booth)


def _wire(tab: CoverTab, booth: Booth) -> None:
    async def on_draw(visitor: gr.Request, *values: Any) -> AsyncIterator[Updates]:
        yield _begun(tab)
        try:
            request = CoverRequest(**dict(zip(OPTIONS, values, strict=True))).resolved()
            job = booth.visit(visitor.session_hash)
            async with job as stop, aclosing(booth.covers(request, stop)) as states:
                async for state in states:
                    if isinstance(state, Finished):
                        yield _done(tab, state.result)
                    elif isinstance(state, Waiting):
                        yield {tab.status: html.waiting(state.ahead, state.seconds)}
                    else:
                        yield {tab.status: html.working(state)}
        except RequestError as wrong:
            status = html.trouble("One thing first", str(wrong))
            yield {**told(tab.controls, HINTS, wrong), **_ended(tab, status)}
        except Stopped:
            yield _ended(tab, html.stopped())
        except Exception as failure:  # the page must say something whatever breaks
            yield _ended(tab, html.trouble(*explain(failure)))

    def on_stop(visitor: gr.Request) -> None:
        booth.stop(visitor.session_hash)

    run = {**PRIVATE, "concurrency_limit": None, "js": "(...values) => typebeat.beforeRun(values)"}
    inputs = list(tab.controls.values())
    gr.on([tab.draw.click, tab.controls["prompt"].submit], on_draw, inputs, tab.outputs, **run)
    tab.stop.click(on_stop, queue=False, show_progress="hidden", api_visibility="private")


def _begun(tab: CoverTab) -> Updates:
    buttons = {tab.draw: gr.update(value="Drawing …", interactive=False), tab.stop: gr.update(interactive=True)}
    return {**told(tab.controls, HINTS), **buttons, tab.results: ""}


def _ended(tab: CoverTab, status: str) -> Updates:
    draw = gr.update(value="Draw the cover", interactive=True)
    return {tab.draw: draw, tab.stop: gr.update(interactive=False), tab.status: status}


def _done(tab: CoverTab, drawn: DrawnCovers) -> Updates:
    first, recipe = drawn.files[0], drawn.recipes[0]
    big = html.download(first, f"Download cover · {html.size_of(first)}", kind="big")
    title = f"{STYLES[recipe['style']].name} cover"
    status = html.stage("finished", escape(title), escape(f"seed {recipe['seed']}"), big, cover=first)
    others = "".join(
        f'<figure><img src="{html.file_url(path)}" alt="Cover with seed {told_by["seed"]}">'
        f"<figcaption>seed {told_by['seed']}{html.download(path, 'PNG')}</figcaption></figure>"
        for path, told_by in zip(drawn.files[1:], drawn.recipes[1:], strict=True)
    )
    more = section("More of them", f'<div class="covers">{others}</div>') if others else ""
    return {**_ended(tab, status), tab.results: f'<div class="board">{more}</div>'}
