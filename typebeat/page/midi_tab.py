"""The tab that writes an uploaded sound down as MIDI: hear both, see the rolls, change how it is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from typebeat.engines import Stopped
from typebeat.page import html
from typebeat.page.controls import build_control, limits_or_help, told
from typebeat.page.results import passport, read_sound, roll_figure, section
from typebeat.page.uploads import uploaded_file
from typebeat.parts.midi import MidiOfFile
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.serving.jobs import Booth, WrittenMidi, explain
from typebeat.serving.queue import Finished, Waiting

OPTIONS = {option.name: option for option in fields(MidiOptions)}
HINTS = {name: limits_or_help(option) for name, option in OPTIONS.items()} | {"file": None}
ROWS = (("bpm", "key"), ("feel",), ("sensitivity",), ("snap", "bends"))
IDLE = ("Any beat, as notes", "Drums, 808, melody and chords come out as MIDI files that fit your DAW's grid.")
REMEMBERED_SECONDS = 120.0  # a longer sound is listened to again when its options change, to spare memory
FORGOTTEN_AFTER_S = 1800
MOVES = ("feel", "sensitivity", "snap", "bends")  # options that take effect at once on what was heard
PRIVATE: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private"}

Updates = dict[Any, Any]


@dataclass(frozen=True)
class MidiTab:
    """The components that events read and change."""

    file: gr.File
    controls: dict[str, Any]
    write: gr.Button
    stop: gr.Button
    status: gr.HTML
    results: gr.HTML
    heard: gr.State  # the upload and what was heard of it: (path, MidiOfFile) or None

    @property
    def inputs(self) -> list[Any]:
        """What a run reads."""
        return [self.file, self.heard, *self.controls.values()]

    @property
    def outputs(self) -> list[Any]:
        """What a run may change."""
        shown = [self.write, self.stop, self.status, self.results, self.heard]
        return [self.file_hint, *self.controls.values(), *shown]

    file_hint: gr.HTML


def build_midi_tab(booth: Booth) -> None:
    """Builds the tab where Gradio stands."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            gr.HTML(_ask(), padding=False, js_on_load=None)
            file = gr.File(
                label="A beat: WAV, FLAC, MP3 or OGG", file_types=[".wav", ".flac", ".mp3", ".ogg"], elem_id="midi-file"
            )
            file_hint = gr.HTML("", padding=False, js_on_load=None, elem_id="midi-file-wrong")
            controls: dict[str, Any] = {}
            for row in ROWS:
                with gr.Row(elem_classes="plain-row"):
                    for name in row:
                        controls[name] = build_control(OPTIONS[name], elem_id=f"midi-{name}", info=HINTS[name])
            with gr.Row(elem_classes="actions"):
                write = gr.Button("Write MIDI", variant="primary", scale=3, min_width=160, elem_classes="go-button")
                stop = gr.Button("Stop", scale=1, min_width=88, interactive=False, elem_classes="stop-button")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear"):
            status = gr.HTML(html.idle(*IDLE), padding=False, elem_id="midi-status", js_on_load=None)
    results = gr.HTML("", padding=False, elem_id="midi-results", js_on_load=None)
    heard = gr.State(None, time_to_live=FORGOTTEN_AFTER_S)
    ordered = {name: controls[name] for name in OPTIONS}
    _wire(MidiTab(file, ordered, write, stop, status, results, heard, file_hint), booth)


def _wire(tab: MidiTab, booth: Booth) -> None:
    async def on_write(visitor: gr.Request, file: Any, heard: Any, *values: Any) -> AsyncIterator[Updates]:
        yield _begun(tab)
        try:
            upload = uploaded_file(file)
            options = MidiOptions(**dict(zip(OPTIONS, values, strict=True)))
            before = heard[1] if heard and heard[0] == upload else None
            job = booth.visit(visitor.session_hash)
            async with job as stop, aclosing(booth.midi(upload, options, stop, before=before)) as states:
                async for state in states:
                    if isinstance(state, Finished):
                        yield _done(tab, state.result, upload)
                    elif isinstance(state, Waiting):
                        yield {tab.status: html.waiting(state.ahead, state.seconds)}
                    else:
                        yield {tab.status: html.working(state)}
        except RequestError as wrong:
            yield {**_told(tab, wrong), **_ended(tab, html.trouble("One thing first", str(wrong)))}
        except Stopped:
            yield _ended(tab, html.stopped())
        except Exception as failure:  # the page must say something whatever breaks
            yield _ended(tab, html.trouble(*explain(failure)))

    async def on_move(visitor: gr.Request, file: Any, heard: Any, *values: Any) -> AsyncIterator[Updates]:
        if heard:  # nothing was written yet: the options wait for the button
            async for updates in on_write(visitor, file, heard, *values):
                yield updates
        else:
            yield {}

    def on_stop(visitor: gr.Request) -> None:
        booth.stop(visitor.session_hash)

    run = {**PRIVATE, "concurrency_limit": None}
    tab.write.click(on_write, tab.inputs, tab.outputs, js="(...values) => typebeat.beforeRun(values)", **run)
    gr.on(
        [tab.controls[name].input for name in MOVES],
        on_move,
        tab.inputs,
        tab.outputs,
        trigger_mode="always_last",
        **run,
    )
    tab.stop.click(on_stop, queue=False, show_progress="hidden", api_visibility="private")


def _ask() -> str:
    return (
        '<h2 class="ask">Beat to MIDI</h2><p class="ask-more">Drop in a beat of up to ten minutes. '
        "Tempo and key are measured; say them if you know better.</p>"
    )


def _told(tab: MidiTab, wrong: RequestError | None = None) -> Updates:
    of_file = html.field_error(str(wrong)) if wrong and wrong.field == "file" else ""
    return {**told(tab.controls, HINTS, wrong), tab.file_hint: of_file}


def _begun(tab: MidiTab) -> Updates:
    buttons = {tab.write: gr.update(value="Listening …", interactive=False), tab.stop: gr.update(interactive=True)}
    return {**_told(tab), **buttons}


def _ended(tab: MidiTab, status: str) -> Updates:
    write = gr.update(value="Write MIDI", interactive=True)
    return {tab.write: write, tab.stop: gr.update(interactive=False), tab.status: status}


def _done(tab: MidiTab, written: WrittenMidi, upload: Path) -> Updates:
    made = written.made
    heard = (upload, made) if made.audio.seconds <= REMEMBERED_SECONDS else None
    return {**_ended(tab, _summary(made)), tab.results: _results(written, upload), tab.heard: heard}


def _summary(made: MidiOfFile) -> str:
    passed = passport(made.passport.facts(), made.passport.asked_bpm, made.passport.asked_key)
    big = html.download(made.files["all"], "Download all parts as one .mid", kind="big") if "all" in made.files else ""
    notes = sum(len(part.notes) for part in made.transcript.parts)
    return html.stage("finished", f"{notes} notes", escape(f"Split by {made.method}."), passed + big)


def _results(written: WrittenMidi, upload: Path) -> str:
    made = written.made
    sounds = (("The sound", upload, made.audio), ("What the MIDI plays", written.preview, read_sound(written.preview)))
    players = "".join(
        f'<div class="stem"><h3>{name}</h3>{html.player(html.file_url(path), name.lower(), sound)}</div>'
        for name, path, sound in sounds
    )
    rolls = "".join(roll_figure(path) for part, path in made.files.items() if part != "all")
    whys = "".join(f"<li><b>{escape(part)}</b> {escape(why)}</li>" for part, why in made.missing.items())
    sections = [
        section("Hear both", players),
        section("Not found", f'<ul class="missing">{whys}</ul>' if whys else ""),
        section("Parts", f'<div class="rolls">{rolls}</div>' if rolls else ""),
    ]
    return f'<div class="board">{"".join(sections)}</div>'
