"""Builds the tab that makes beats: the form, the stage, the results below, and their events."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import gradio as gr

from typebeat.page import html
from typebeat.page.anew import Mixer, build_mixer, keeps_parts, launcher_of_recipe, told_of_kept, wire_mixer
from typebeat.page.form import Form, build_form
from typebeat.page.heard import heard
from typebeat.page.links import OPTIONS, check_options, form_values, options_of_form, options_of_query, options_of_text
from typebeat.page.notes import why_not_played
from typebeat.page.own import build_own_form
from typebeat.page.own import read as read_own
from typebeat.page.results import board, gone, hero
from typebeat.page.run import PRIVATE, RUN, Launcher, Updates, build_buttons
from typebeat.page.uploads import notes_given
from typebeat.parts.pack import BeatPack
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve
from typebeat.serving.around import beat_around, source_of
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import States

IDLE = ("Your beat plays here", "A line of text is enough. Leave the rest open and the words decide.")
NOT_REMEMBERED = ("prompt", "seed")  # options that the next visit does not begin with
GONE = (
    "what this beat is made around is no longer on the server, where it is kept for some hours: bring it again under "
    "Start from and make a new beat"
)
# notes that were edited in the browser are uploaded on the way, as a MIDI file
BEFORE_AGAIN = (
    "async (made, notes, ...values) => typebeat.beforeMake([typebeat.around(), await typebeatNotes.asked(), ...values])"
)
BEFORE_MAKE = "async (...values) => typebeat.beforeMake(await typebeatNotes.given(values))"
SHELF = (
    '<div id="shelf" hidden><h2>Your shelf</h2>'
    "<p>Kept in this browser: play it, or open its recipe again.</p><ul></ul></div>"
)


def build_beat_tab(blocks: gr.Blocks, runner: JobRunner) -> Form:
    """Builds the tab inside the current Gradio block; returns its form."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            own = build_own_form(runner)
            form = build_form()
            make, stop = build_buttons("Make the beat", "make", "stop")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear", elem_id="hear"):
            # a click on Vary or Extend triggers the event that is wired below; player.js handles all others
            again = "element.addEventListener('click', (event) => { if (typebeat.again(event)) trigger('click'); "
            again += "if (typebeat.whole(event)) trigger('submit'); });"
            stage = gr.HTML(html.idle(*IDLE), padding=False, elem_id="status", js_on_load=again)
            gr.HTML('<canvas id="live-wave" aria-hidden="true"></canvas>', padding=False, js_on_load=None)
            live = gr.Textbox(visible="hidden", elem_id="live")  # the next piece of sound, for the page's script
    made_of = gr.Textbox(visible="hidden")  # the pack whose Vary or Extend was pressed
    mixer = build_mixer(runner)
    results = gr.HTML("", padding=False, elem_id="results", js_on_load=again)
    gr.HTML(SHELF, padding=False, js_on_load=None)
    # the settings of the last beat, as the browser keeps them; they hide nothing, so the secret is none
    last = gr.BrowserState(None, storage_key="typebeat-last", secret="typebeat")

    def begin(stop: threading.Event, *values: Any) -> States:
        wish = options_of_form(values[: len(OPTIONS)])
        source, use = read_own(values[len(OPTIONS) :])
        if source is not None:
            return beat_around(runner, source, use, wish, stop, aloud=True)
        return runner.beat(resolve(BeatRequest.parse(**wish)), stop, aloud=True)

    def begin_of(stop: threading.Event, made: Any, notes: Any, *values: Any) -> States:
        """Vary and Extend: around what the beat was made around, whatever the form says by now; or around notes."""
        wish = options_of_form(values[: len(OPTIONS)])
        if notes:
            return beat_around(runner, *notes_given(notes), wish, stop, given=("bars",), aloud=True)
        pack = runner.pack(str(made)) if made else None
        if made and pack is None:
            raise RequestError("reference", GONE)
        source, use = source_of(runner, pack) if pack else (None, None)
        if source is None or use is None:
            return runner.beat(resolve(BeatRequest.parse(**wish)), stop, aloud=True)
        return beat_around(runner, source, use, wish, stop, given=("bars",), aloud=True)

    def done(pack: BeatPack, *values: Any) -> Updates:
        kept = {
            name: value for name, value in options_of_form(values[: len(OPTIONS)]).items() if name not in NOT_REMEMBERED
        }
        return {**shown(pack), last: kept}

    def shown(pack: BeatPack) -> Updates:
        return {stage: hero(pack), results: board(pack, why_not_played(runner.engines.beat)), **mixer.show(pack)}

    def hints(wrong: RequestError | None) -> Updates:
        return {**form.hints(None if wrong and own.is_about(wrong) else wrong), **own.hints(wrong)}

    cleared = (results, mixer.place, mixer.status, live)
    launcher = Launcher(runner, begin, done, hints, make, stop, "Making …", stage, cleared, live)
    inputs = [*form.inputs, *own.inputs]
    outputs = [*form.inputs, form.fold, form.recipe, *own.outputs, *launcher.outputs, mixer.start, last]
    make.click(launcher.run, inputs, outputs, js=BEFORE_MAKE, **RUN)
    press = "() => document.getElementById('make').click()"  # which does nothing while it is off
    form.controls["prompt"].submit(None, js=press, show_progress="hidden", api_visibility="private")
    of_recipe = launcher_of_recipe(launcher, shown)
    of_pack = replace(launcher, begin=begin_of, done=lambda pack, made, notes, *values: done(pack, *values))
    stage.submit(of_recipe.run, form.recipe, outputs, js="text => typebeat.beforeMake(text)", **RUN)
    wire_mixer(mixer, stage, results, make)
    for place in (stage, results):
        filled = place.click(None, None, form.inputs, js="() => typebeat.values()")
        filled.then(of_pack.run, [made_of, own.notes, *form.inputs], outputs, js=BEFORE_AGAIN, **RUN)
    live.change(None, live, None, js="piece => typebeatLive.play(piece)")
    stop.click(None, js="() => typebeatLive.silence()")
    launcher.wire_stop()
    blocks.unload(launcher.stop_job)
    _wire_form(form, stage)
    _wire_words(form)
    _wire_opening(blocks, mixer, form, stage, results, last)
    return form


def _wire_words(form: Form) -> None:
    """Tells what is understood while somebody types, and has the browser keep the form."""
    for control in form.inputs:
        control.change(None, None, None, js="() => typebeat.typed()", show_progress="hidden", api_visibility="private")
    keep = f"(...values) => typebeat.keep({json.dumps(list(OPTIONS))}, values)"
    form.heard.click(heard, form.inputs, form.heard, js=keep, queue=False, trigger_mode="always_last", **PRIVATE)


def _wire_form(form: Form, stage: gr.HTML) -> None:
    """Fills the form from pasted recipes."""

    def on_load(text: Any) -> Updates:
        try:
            options = options_of_text(text)
        except RequestError as wrong:
            return form.hints(RequestError("recipe", str(wrong)))
        filled = {**_together(form.hints(), _filled(form, options)), form.pasted: gr.update(value=str(text))}
        if keeps_parts(options):  # the text stays, since a click makes the beat from it
            return {**filled, stage: told_of_kept(options, text)}
        return _together(filled, {form.recipe: gr.update(value="")})

    outputs = [*form.inputs, form.fold, form.recipe, form.pasted, stage]
    gr.on([form.load.click, form.recipe.submit], on_load, form.recipe, outputs, queue=False, **PRIVATE)


def _wire_opening(
    blocks: gr.Blocks, mixer: Mixer, form: Form, stage: gr.HTML, results: gr.HTML, last: gr.BrowserState
) -> None:
    """Fills the page when it opens: after a reload or Back as it was left, else by its link, else by the last visit."""
    kept = gr.Textbox(visible="hidden", elem_id="kept")  # what page.js kept, while the page opens

    def on_open(visitor: gr.Request, last: Any, kept: Any) -> Updates:
        left = _read_kept(kept)
        if left:
            return {**_filled(form, left.get("options", {})), **_found(mixer, left, stage, results)}
        query = options_of_query(dict(visitor.query_params))
        if query:
            try:
                check_options(query)
            except RequestError as wrong:
                status = html.trouble("This link asks for what is not allowed", str(wrong))
                return {**_together(form.hints(wrong), _filled(form, query)), stage: status}
            told = {stage: told_of_kept(query)} if keeps_parts(query) else {}
            return {**_filled(form, query), form.fold: gr.update(open=True), **told}
        return _filled(form, last) if isinstance(last, dict) else gr.skip()

    outputs = [*form.inputs, form.fold, form.recipe, stage, results, mixer.place, mixer.start]
    take = "(last, kept) => [last, typebeat.kept()]"
    opened = blocks.load(on_open, [last, kept], outputs, js=take, queue=False, **PRIVATE)
    opened.then(None, None, None, js="() => typebeat.opened()", show_progress="hidden", api_visibility="private")


def _read_kept(text: Any) -> dict[str, Any]:
    """Returns what the browser kept: "options" by name, and where the last pack is; empty for anything else."""
    try:
        kept = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict) or not isinstance(kept.get("options", {}), dict):
        return {}
    plain = (str, int, float, list, type(None))
    return {**kept, "options": {name: v for name, v in kept.get("options", {}).items() if isinstance(v, plain)}}


def _found(mixer: Mixer, kept: dict[str, Any], stage: gr.HTML, results: gr.HTML) -> Updates:
    """Returns the last pack as it was shown, or that it is gone; nothing if there was none."""
    reference = kept.get("pack")
    if not isinstance(reference, str) or not reference:
        return {}
    pack = mixer.runner.pack(reference)
    if pack is None:
        return {stage: gone(str(kept.get("link", "")))}
    return {stage: hero(pack), results: board(pack, why_not_played(mixer.runner.engines.beat)), **mixer.show(pack)}


def _filled(form: Form, options: dict[str, Any]) -> Updates:
    """Returns the form with these options; the others stay as they are. The form makes whole beats only."""
    values = dict(zip(OPTIONS, form_values({**options, "again": ()}), strict=True))
    return {form.controls[name]: gr.update(value=values[name]) for name in OPTIONS if name in options}


def _together(*several: Updates) -> Updates:
    """Joins updates of the same components, the later ones over the earlier."""
    joined: Updates = {}
    for component, update in (pair for updates in several for pair in updates.items()):
        joined[component] = {**joined.get(component, {}), **update}
    return joined
