"""Builds the tab that writes an uploaded sound down as MIDI, plays both, and shows the notes."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from typebeat.page import html
from typebeat.page.controls import build_rows, limits_or_help, show_hints
from typebeat.page.notes import Score, score_html, why_not_played
from typebeat.page.results import passport, read_sound, section
from typebeat.page.run import RUN, Launcher, Updates, build_buttons
from typebeat.page.uploads import uploaded_file
from typebeat.parts.midi import MidiOfFile
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.sound_limits import LIMITS, NAMES, SUFFIXES
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import States
from typebeat.serving.work import WrittenMidi

OPTIONS = {option.name: option for option in fields(MidiOptions)}
HINTS = {name: limits_or_help(option) for name, option in OPTIONS.items()} | {"file": None}
ASK = (
    f'<h2 class="ask">Beat to MIDI</h2><p class="ask-more">Drop in a beat: {LIMITS}. '
    "Tempo and key are measured; fill them in if you know them.</p>"
)
ROWS = (("bpm", "key"), ("feel",), ("sensitivity",), ("snap", "bends"), ("metre", "downbeat", "bars"))
IDLE = ("Any beat, as notes", "You get drums, 808, melody and chords as MIDI files that fit your DAW's grid.")
REMEMBERED_SECONDS = 120.0  # what was heard in a longer sound is not kept, to save memory
FORGOTTEN_AFTER_S = 1800
MOVES = ("feel", "sensitivity", "snap", "bends")  # options that take effect at once, without listening again


def build_midi_tab(runner: JobRunner) -> None:
    """Builds the tab inside the current Gradio block."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            gr.HTML(ASK, padding=False, js_on_load=None)
            file = gr.File(label=f"A beat: {NAMES}", file_types=list(SUFFIXES), elem_id="midi-file")
            file_hint = gr.HTML("", padding=False, js_on_load=None, elem_id="midi-file-wrong")
            controls = build_rows(ROWS, OPTIONS, HINTS, "midi")
            write, stop = build_buttons("Write MIDI", "midi-write", "midi-stop")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear"):
            stage = gr.HTML(html.idle(*IDLE), padding=False, elem_id="midi-status", js_on_load=None)
    results = gr.HTML("", padding=False, elem_id="midi-results", js_on_load=None)
    remembered = gr.State(None, time_to_live=FORGOTTEN_AFTER_S)  # the upload and what was heard in it, or None
    ordered = {name: controls[name] for name in OPTIONS}

    def begin(stop: threading.Event, file: Any, heard: Any, *values: Any) -> States:
        upload, options = uploaded_file(file), MidiOptions(**dict(zip(OPTIONS, values, strict=True)))
        return runner.midi(upload, options, stop, before=heard[1] if heard and heard[0] == upload else None)

    def done(written: WrittenMidi, file: Any, *_: Any) -> Updates:
        upload, made = uploaded_file(file), written.made
        heard = (upload, made) if made.audio.seconds <= REMEMBERED_SECONDS else None
        why_no_notes = why_not_played(runner.engines.beat)
        return {stage: _summary(made), results: _results(written, upload, why_no_notes), remembered: heard}

    def hints(wrong: RequestError | None) -> Updates:
        of_file = html.field_error(str(wrong)) if wrong and wrong.field == "file" else ""
        return {**show_hints(ordered, HINTS, wrong), file_hint: of_file}

    launcher = Launcher(runner, begin, done, hints, write, stop, "Listening …", stage)

    async def on_move(visitor: gr.Request, file: Any, heard: Any, *values: Any) -> AsyncIterator[Updates]:
        if heard:  # before that the options wait for the button
            async for updates in launcher.run(visitor, file, heard, *values):
                yield updates
        else:
            yield {}

    inputs = [file, remembered, *ordered.values()]
    outputs = [file_hint, *ordered.values(), *launcher.outputs, results, remembered]
    moved = [controls[name].input for name in MOVES]
    write.click(launcher.run, inputs, outputs, js="(...values) => typebeat.beforeRun(values)", **RUN)
    gr.on(moved, on_move, inputs, outputs, trigger_mode="always_last", **RUN)
    launcher.wire_stop()


def _summary(made: MidiOfFile) -> str:
    passed = passport(made.passport.facts(), made.passport.asked_bpm, made.passport.asked_key)
    big = html.download(made.files["all"], "Download all parts as one .mid", kind="big") if "all" in made.files else ""
    notes = sum(len(part.notes) for part in made.transcript.parts)
    said = [f"Split by {made.method}.", f"{made.passport.written_words}.", *made.passport.doubts()]
    return html.stage("finished", f"{notes} notes", escape(" ".join(said)), passed + big)


def _results(written: WrittenMidi, upload: Path, why_no_notes: str) -> str:
    made = written.made
    sounds = (("The sound", upload, made.audio), ("What the MIDI plays", written.preview, read_sound(written.preview)))
    players = "".join(
        f'<div class="stem"><h3>{name}</h3>{html.player(html.file_url(path), name.lower(), sound)}</div>'
        for name, path, sound in sounds
    )
    paths, grid = {part: path for part, path in made.files.items() if part != "all"}, made.transcript.grid
    score = Score(
        {part: path.read_bytes() for part, path in paths.items()}, grid.bpm, max(1, grid.all_bars), metre=grid.metre
    )
    links = {part: html.download(path, "MID") for part, path in paths.items()}
    rolls = score_html(score, why_no_notes, links=links) if paths else ""
    whys = "".join(f"<li><b>{escape(part)}</b> {escape(why)}</li>" for part, why in made.missing.items())
    sections = [
        section("Hear both", players),
        section("Not found", f'<ul class="missing">{whys}</ul>' if whys else ""),
        section("Parts", rolls),
    ]
    return f'<div class="board">{"".join(sections)}</div>'
