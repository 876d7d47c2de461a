"""Builds "Start from": words, or a sample, a hum, a MIDI file or chords that the beat is made around.

What was brought is heard at once and shown with what can be corrected, before anything is made.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from typebeat.page import html
from typebeat.page.controls import show_hints
from typebeat.page.notes import why_not_played
from typebeat.page.own_heard import heard_html, voices_html
from typebeat.page.run import PRIVATE, RUN, Updates
from typebeat.page.uploads import notes_given, uploaded_file
from typebeat.parts.own.reading import MIDI_SUFFIXES
from typebeat.parts.own.refusals import NoPartError
from typebeat.request.options import RequestError
from typebeat.request.reference import (
    CONTINUE,
    MELODY,
    NOTES,
    OPTIONS,
    PLAYED,
    SAMPLE,
    STYLE,
    WITH_A_SAMPLE,
    ReferenceOptions,
)
from typebeat.request.sound_limits import NAMES, SUFFIXES
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import Finished

WORDS = "words"
STARTS = {"Words": WORDS, "Sample": "sample", "Hum": "hum", "MIDI file": "midi", "Chords": "chords"}
USES = {"sample": SAMPLE, "hum": MELODY, "midi": NOTES, "chords": NOTES}
SAMPLE_USES = {"In the whole beat": SAMPLE, "First, then new bars follow": CONTINUE}
STYLE_USE = {"Not at all: it says how the beat sounds": STYLE}  # with weights that hear it
ASK = {
    "sample": "Your sound stays in the beat as it is; drums and an 808 are made for it.",
    "hum": "One note at a time, without words. Your tune is played anew, and the rest is made around it.",
    "midi": "Its notes are played as they are; parts that it does not hold are made around them.",
    "chords": "A chord a bar, or | between bars: they are played as you write them.",
}
AS_HEARD = "x1"
COUNT_IN = (
    '<div class="count-in"><button type="button">Count in and record</button>'
    '<label>with a click at <input type="number" min="50" max="200" value="90" aria-label="Tempo of the click in BPM"> '
    'BPM, best with headphones</label><span role="status"></span></div>'
)
COUNT = "element.querySelector('button').addEventListener('click', () => typebeatOwn.count(element));"
CHOOSE = (  # a part for a voice; what is chosen is fetched by the event that is wired below
    "element.addEventListener('change', (event) => { if (!event.target.matches('[data-voice]')) return; "
    "event.target.dataset.said = 'true'; trigger('submit'); });"
)
CHOSEN = "() => typebeatOwn.voices()"
IN_HEARD = ("reference", "voices")  # errors that stand where what was heard would
CORRECTIONS = ("reference_bpm", "reference_tempo", "reference_shift", "transpose")


@dataclass(frozen=True)
class OwnForm:
    """The controls of "Start from".

    Attributes:
        start: What the beat starts from.
        panel: Everything that words alone do not need.
        groups: What is shown for each start.
        sources: Where each start takes what is brought from.
        controls: The options of a reference, by name.
        voices: Which parts the voices of a MIDI file play, as far as the visitor corrected them.
        notes: The notes that were edited in the browser, as `notes_given` reads them; they count instead of all else.
        heard: Shows what was heard, or why it cannot be used.
    """

    start: gr.Radio
    panel: gr.Column
    groups: dict[str, gr.Column]
    sources: dict[str, Any]
    controls: dict[str, Any]
    voices: gr.Textbox
    notes: gr.Textbox
    heard: gr.HTML

    @property
    def inputs(self) -> list[Any]:
        """Every control whose value `read` takes, in its order."""
        return [self.start, *self.sources.values(), *self.controls.values(), self.voices, self.notes]

    @property
    def outputs(self) -> list[Any]:
        """What `hints` changes."""
        return [*self.controls.values(), self.heard]

    def hints(self, wrong: RequestError | None = None) -> Updates:
        """Returns updates that show each control with its hint or with what is wrong with it."""
        hints = {name: _unit(name) for name in self.controls}
        shown = show_hints(self.controls, hints, wrong)
        if wrong is None or wrong.field not in IN_HEARD:
            return shown
        voices = voices_html(wrong.voices) if isinstance(wrong, NoPartError) else ""
        return {**shown, self.heard: html.field_error(str(wrong)) + voices}

    @staticmethod
    def is_about(wrong: RequestError) -> bool:
        """Whether an error is shown by `hints`."""
        return wrong.field in (*OPTIONS, *IN_HEARD)


def build_own_form(runner: JobRunner) -> OwnForm:
    """Builds the controls inside the current Gradio block, and hears what is brought as soon as it is there."""
    start = gr.Radio(
        list(STARTS.items()), value=WORDS, label="Start from", elem_id="start", elem_classes="field segments"
    )
    with gr.Column(visible=False, elem_id="own", elem_classes="own") as panel:
        groups, sources, controls = {}, {}, {}
        for name in USES:
            with gr.Column(visible=False, elem_classes="own-source") as groups[name]:
                gr.HTML(f"<p>{_asked(runner, name)}</p>", padding=False, js_on_load=None)
                if name == "hum":
                    gr.HTML(COUNT_IN, padding=False, js_on_load=COUNT)
                sources[name] = _source(name)
                if name == "sample":
                    controls["use"] = gr.Radio(
                        list((SAMPLE_USES | (STYLE_USE if runner.engines.beat.takes_style else {})).items()),
                        value=SAMPLE,
                        label="Where it plays",
                        elem_id="own-use",
                        elem_classes="field segments",
                    )
                    controls["with_parts"] = gr.CheckboxGroup(
                        [(part.capitalize(), part) for part in PLAYED],
                        value=list(WITH_A_SAMPLE),
                        label="Play with it",
                        elem_id="with-parts",
                        elem_classes="field checks",
                    )
        heard = gr.HTML("", padding=False, elem_id="own-heard", js_on_load=CHOOSE)
        voices, notes = gr.Textbox(visible="hidden"), gr.Textbox(visible="hidden")
        with gr.Row(elem_classes="own-corrections"):
            for name in CORRECTIONS:
                controls[name] = _correction(name)
    form = OwnForm(start, panel, groups, sources, controls, voices, notes, heard)
    _wire(form, runner)
    return form


def read(values: tuple[Any, ...]) -> tuple[Path | str | None, ReferenceOptions]:
    """Returns what is brought (None for words alone) and how it is used, of the values of `OwnForm.inputs`.

    Raises:
        RequestError: a value is not allowed, or nothing was brought yet.
    """
    start, sources, said = _start(values), dict(zip(USES, values[1:], strict=False)), values[1 + len(USES) : -1]
    if values[-1]:
        return notes_given(values[-1])
    if start == WORDS:
        return None, ReferenceOptions()
    options = dict(zip(("use", "with_parts", *CORRECTIONS, "voices"), said, strict=True))
    if start != "midi":
        options["voices"] = ""
    if start != "sample":
        options["use"] = USES[start]
    if options["reference_tempo"] == AS_HEARD:
        options["reference_tempo"] = ""
    if options["use"] != SAMPLE:
        options["with_parts"] = ()
    elif not options["with_parts"]:
        raise RequestError("with_parts", "choose at least one part to play with your sound")
    use = ReferenceOptions(**options)
    source = sources[start]
    if start == "chords":
        if not str(source or "").strip():
            raise RequestError("reference", "write some chords first, such as Am F C G")
        return str(source), use
    if not source:
        first = {"sample": "upload your sound", "hum": "record or upload your tune", "midi": "upload your MIDI file"}
        raise RequestError("reference", f"{first[start]} first")
    try:
        return uploaded_file(source), use
    except RequestError as wrong:
        raise RequestError("reference", str(wrong)) from wrong


def _asked(runner: JobRunner, name: str) -> str:
    """What a start does, or that the loaded weights cannot."""
    beat = runner.engines.beat
    why_not = "" if USES[name] == SAMPLE or (USES[name] == MELODY and beat.takes_melody) else why_not_played(beat)
    return escape(ASK[name]) + (f" <b>Not with these weights:</b> {escape(why_not)}." if why_not else "")


def _source(name: str) -> Any:
    if name == "sample":
        return gr.File(label=f"Your sound: {NAMES}", file_types=list(SUFFIXES), elem_id="own-sample")
    if name == "hum":
        return gr.Audio(
            label="Record or upload", sources=["microphone", "upload"], type="filepath", elem_id="own-hum", buttons=[]
        )
    if name == "midi":
        return gr.File(label="Your MIDI file: MID", file_types=list(MIDI_SUFFIXES), elem_id="own-midi")
    return gr.Textbox(
        label="Chords",
        placeholder="Am F C G   or   Fm7 | Db | Ab Eb",
        lines=1,
        elem_id="own-chords",
        elem_classes="field",
    )


def _correction(name: str) -> Any:
    about = OPTIONS[name].metadata
    common = {"label": about["label"], "elem_id": name.replace("_", "-"), "min_width": 110}
    if name == "reference_tempo":
        choices = [AS_HEARD, *about["choices"]]
        return gr.Radio(choices, value=AS_HEARD, elem_classes="field segments", **common)
    info = _unit(name)
    if name == "reference_bpm":
        return gr.Textbox(value="", placeholder="Auto", info=info, elem_classes="field", **common)
    return gr.Number(value=0, step=1, info=info, elem_classes="field", **common)


def _unit(name: str) -> str | None:
    unit = OPTIONS[name].metadata["unit"]
    return unit[:1].upper() + unit[1:] or None


def _wire(form: OwnForm, runner: JobRunner) -> None:
    def choose(start: Any) -> Updates:
        start = _start((start,))
        shown = {group: gr.update(visible=name == start) for name, group in form.groups.items()}
        return {**shown, form.panel: gr.update(visible=start != WORDS), form.heard: ""}

    async def listen(visitor: gr.Request, *values: Any) -> AsyncIterator[Updates]:
        """Hears what was brought; an error stands where what was heard would."""
        if not _is_brought(values):
            yield {form.heard: ""}
            return
        try:
            source, use = read(values)
            if source is None:
                return
            yield {**form.hints(), form.heard: '<p class="listening">Listening …</p>'}
            stop = threading.Event()
            async for state in runner.reference(source, use, stop):
                if isinstance(state, Finished):
                    yield {form.heard: heard_html(state.result, runner.engines.beat)}
        except RequestError as wrong:
            yield form.hints(wrong)
        except Exception as failure:  # the page must say something whatever breaks
            yield {form.heard: html.field_error(": ".join(explain(failure)))}

    chosen = form.start.input(
        choose, form.start, [*form.groups.values(), form.panel, form.heard], queue=False, **PRIVATE
    )
    files = [form.sources[name].change for name in ("sample", "hum")]
    typed = [form.sources["chords"].submit, form.sources["chords"].blur]
    corrected = [form.controls["reference_bpm"].submit, form.controls["reference_bpm"].blur]
    corrected += [
        form.controls[name].input for name in ("use", "reference_tempo", "reference_shift", "transpose", "with_parts")
    ]
    again: dict[str, Any] = {"trigger_mode": "always_last", **RUN}
    gr.on([*files, *typed, *corrected], listen, form.inputs, form.outputs, **again)
    chosen.then(listen, form.inputs, form.outputs, **again)
    # another file has other voices
    other = form.sources["midi"].change(lambda file: "", form.sources["midi"], form.voices, queue=False, **PRIVATE)
    said = form.heard.submit(None, None, form.voices, js=CHOSEN)
    for first in (other, said):
        first.then(listen, form.inputs, form.outputs, **again)


def _is_brought(values: tuple[Any, ...]) -> bool:
    """Whether something was brought for the start that is chosen."""
    return bool(dict(zip(USES, values[1:], strict=False)).get(_start(values)))


def _start(values: tuple[Any, ...]) -> str:
    """What the beat starts from, whatever a browser sends."""
    return values[0] if isinstance(values[0], str) and values[0] in USES else WORDS
