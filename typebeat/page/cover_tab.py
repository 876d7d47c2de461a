"""Builds the tab that draws covers without a beat: words, style, title, and up to four pictures."""

from __future__ import annotations

import threading
from dataclasses import fields
from html import escape
from typing import Any

import gradio as gr

from typebeat.page import html
from typebeat.page.controls import build_control, build_rows, limits_or_help, show_hints
from typebeat.page.form import style_cards
from typebeat.page.results import section
from typebeat.page.run import RUN, Launcher, Updates, build_buttons
from typebeat.request.cover_request import CoverRequest
from typebeat.request.options import RequestError
from typebeat.request.styles import STYLES
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import States
from typebeat.serving.work import DrawnCovers

OPTIONS = {option.name: option for option in fields(CoverRequest)}
HINTS = {name: limits_or_help(option) for name, option in OPTIONS.items()} | {"prompt": None, "style": None}
ROWS = (("title",), ("variations", "size"))
FOLDED = (("bpm", "key"), ("strength", "seed"))
IDLE = (
    "A cover for your beat",
    "Words, mood, tempo and key become colours and a motif; the title is set in real type.",
)


def build_cover_tab(runner: JobRunner) -> None:
    """Builds the tab inside the current Gradio block."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            prompt = build_control(OPTIONS["prompt"], elem_id="cover-prompt", label="What is the beat like?")
            made = {"prompt": prompt, "style": style_cards(elem_id="cover-style")}
            made |= build_rows(ROWS, OPTIONS, HINTS, "cover")
            with gr.Accordion("Tempo, key, strength and seed", open=False, elem_classes="fine"):
                made |= build_rows(FOLDED, OPTIONS, HINTS, "cover")
            draw, stop = build_buttons("Draw the cover", "cover-draw", "cover-stop")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear"):
            stage = gr.HTML(html.idle(*IDLE), padding=False, elem_id="cover-status", js_on_load=None)
    results = gr.HTML("", padding=False, elem_id="cover-results", js_on_load=None)
    controls = {name: made[name] for name in OPTIONS}

    def begin(stop: threading.Event, *values: Any) -> States:
        return runner.covers(CoverRequest(**dict(zip(OPTIONS, values, strict=True))).resolved(), stop)

    def done(drawn: DrawnCovers, *_: Any) -> Updates:
        return {stage: _first(drawn), results: _others(drawn)}

    def hints(wrong: RequestError | None) -> Updates:
        return show_hints(controls, HINTS, wrong)

    launcher = Launcher(runner, begin, done, hints, draw, stop, "Drawing …", stage, (results,))
    inputs = list(controls.values())
    before = "(...values) => typebeat.beforeRun(values)"
    began, outputs = [draw.click, controls["prompt"].submit], [*inputs, *launcher.outputs]
    gr.on(began, launcher.run, inputs, outputs, js=before, **RUN)
    launcher.wire_stop()


def _first(drawn: DrawnCovers) -> str:
    """The first cover, big."""
    file, recipe = drawn.files[0], drawn.recipes[0]
    big = html.download(file, f"Download cover · {html.size_of(file)}", kind="big")
    title = f"{STYLES[recipe['style']].name} cover"
    return html.stage("finished", escape(title), escape(f"seed {recipe['seed']}"), big, cover=file)


def _others(drawn: DrawnCovers) -> str:
    figures = "".join(
        f'<figure><img src="{html.file_url(path)}" alt="Cover with seed {recipe["seed"]}">'
        f"<figcaption>seed {recipe['seed']}{html.download(path, 'PNG')}</figcaption></figure>"
        for path, recipe in zip(drawn.files[1:], drawn.recipes[1:], strict=True)
    )
    more = section("More of them", f'<div class="covers">{figures}</div>') if figures else ""
    return f'<div class="board">{more}</div>'
