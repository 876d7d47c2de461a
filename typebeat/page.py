"""The web page: a form made from `BeatRequest`'s fields, a stage that shows what is happening, and the pack.

It checks nothing itself (`request.py` does) and makes nothing itself (`serving.py` and `pipeline.py` do). How it looks
is in `page_style.py`, the named API in `page_api.py`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import Field, dataclass, fields
from typing import Any

import gradio as gr

from typebeat import page_style
from typebeat.audio import Audio
from typebeat.engines import Engines, Stopped
from typebeat.pack import BeatPack
from typebeat.page_api import add_api
from typebeat.request import SEEDS, BeatRequest, RequestError, resolve
from typebeat.serving import LINE_LENGTH, Booth, Heard, State, Waiting, explain
from typebeat.styles import DISCLAIMER, STYLES

OPTIONS: dict[str, Field[Any]] = {option.name: option for option in fields(BeatRequest) if option.name != "parts"}
IN_SIGHT = ("prompt", "style", "bpm", "key", "bars")  # the other options are folded away
MOST_SEGMENTS = 8  # a whole number with so few values is a row of buttons
EXAMPLES = {
    "Midnight bells": ("dark bells over a slow 808, eerie choir", "travis-scott"),
    "Moon walk": ("warm detuned keys, humming lead, dusty drums, 84 bpm", "kid-cudi"),
    "Neon coast": ("glossy plucks, bouncing bass, crisp claps in F# minor", "don-toliver"),
}
# Gradio gives each radio button a name of its own, again and again; with one name the arrow keys walk from card to card
AT_LOAD = """() => {
  const tidy = () => {
    for (const id of ["style", "takes"]) {
      document.getElementById(id)?.setAttribute("aria-label", id);
      for (const input of document.querySelectorAll(`#${id} input`)) if (input.name !== id) input.name = id;
    }
    for (const id of ["bpm", "seed"]) document.querySelector(`#${id} textarea`)?.setAttribute("inputmode", "decimal");
  };
  tidy();
  const what = { subtree: true, childList: true, attributes: true, attributeFilter: ["name"] };
  new MutationObserver(tidy).observe(document.body, what);
}"""
BEFORE_MAKE = """(...values) => {
  typebeatLive.begin();
  document.getElementById("hear").scrollIntoView({ block: "nearest", behavior: "smooth" });
  return values;
}"""

Updates = dict[Any, Any]  # component -> what becomes of it


@dataclass(frozen=True)
class Stage:
    """What shows how it goes and what came out."""

    status: gr.HTML
    results: gr.Column
    live: gr.Textbox  # the next piece of sound while it is made, for the page's script
    takes: list[gr.Audio]
    download: gr.DownloadButton
    recipe: gr.Code


@dataclass(frozen=True)
class Page:
    """The components that events read and change."""

    form: dict[str, Any]  # option name -> its control, in the order of `OPTIONS`
    fine: gr.Accordion
    make: gr.Button
    stop: gr.Button
    stage: Stage

    @property
    def outputs(self) -> list[Any]:
        """Everything that a run may change."""
        stage = self.stage
        shown = [stage.status, stage.results, stage.live, *stage.takes, stage.download, stage.recipe]
        return [*self.form.values(), self.fine, self.make, self.stop, *shown]


def build_page(engines: Engines) -> gr.Blocks:
    """Builds the page and the API on loaded engines, ready for `launch(**launch_options())`."""
    booth = Booth(engines)
    with gr.Blocks(title="Typebeat", analytics_enabled=False, delete_cache=(3600, 86400)) as blocks:
        gr.HTML(page_style.masthead(engines.beat.weights), padding=False)
        with gr.Row(elem_classes="desk"):
            with gr.Column(scale=7, min_width=320, elem_classes="card"):
                form, fine = _form()
                with gr.Row(elem_classes="actions"):
                    make = gr.Button("Make the beat", variant="primary", scale=3, min_width=160, elem_id="make")
                    stop = gr.Button("Stop", scale=1, min_width=88, interactive=False, elem_id="stop")
            with gr.Column(scale=5, min_width=320, elem_classes="card", elem_id="hear"):
                stage = _stage()
        gr.HTML(page_style.footnotes(engines.beat.weights, DISCLAIMER), padding=False)
        blocks.load(None, js=AT_LOAD)
        _wire(blocks, Page(form, fine, make, stop, stage), booth)
        add_api(booth)
    return blocks.queue(max_size=4 * LINE_LENGTH, default_concurrency_limit=2 * LINE_LENGTH)


def launch_options() -> dict[str, Any]:
    """What `launch` needs to show the page as it is meant; nothing in it comes from another host."""
    return {
        "theme": page_style.theme(),
        "head": page_style.head(),
        "css": page_style.css(),
        "favicon_path": str(page_style.ASSETS / "favicon.svg"),
        "footer_links": ["api", "settings"],
        "run_history": False,
        "max_file_size": "50mb",
        "ssr_mode": False,
    }


# --- the form: one control per option, made from its metadata ---


def _form() -> tuple[dict[str, Any], gr.Accordion]:
    form: dict[str, Any] = {"prompt": _control("prompt")}
    with gr.Row(elem_classes="examples"):
        examples = [gr.Button(name, size="sm", min_width=0, scale=0) for name in EXAMPLES]
    form["style"] = _control("style")
    with gr.Row(elem_classes="in-sight"):
        form |= {name: _control(name) for name in IN_SIGHT if name not in form}
    with gr.Accordion("Takes, seed and fine tuning", open=False, elem_classes="fine") as fine:
        for name in OPTIONS:
            if name == "seed":
                with gr.Row(elem_classes="seed"):
                    form["seed"] = _control("seed")
                    dice = gr.Button("Roll", scale=0, min_width=88, elem_id="dice")
            elif name not in form:
                form[name] = _control(name)
    for button, (prompt, style) in zip(examples, EXAMPLES.values(), strict=True):
        button.click(None, None, [form["prompt"], form["style"]], js=f"() => {json.dumps([prompt, style])}")
    dice.click(None, None, form["seed"], js=f"() => Math.floor(Math.random() * {SEEDS})")
    return {name: form[name] for name in OPTIONS}, fine


def _control(name: str) -> Any:
    """The control of an option; what it accepts is checked by `BeatRequest`, so that errors stand at the field."""
    option, about = OPTIONS[name], OPTIONS[name].metadata
    low, high, default = about["low"], about["high"], option.default
    common = {"label": about["label"], "info": _hint(name), "elem_id": name, "elem_classes": "field", "min_width": 96}
    if name == "style":
        cards = [(f"{style.name}\n{style.line}", slug) for slug, style in STYLES.items()]
        own_words = [("Auto: my words decide", "")]
        return gr.Radio(cards + own_words, value=default, **common | {"elem_classes": "field style-cards"})
    if about["kind"] == "choice":
        choices = [("Auto", ""), *((choice, choice) for choice in about["choices"])]
        return gr.Dropdown(choices, value="", allow_custom_value=True, **common)
    if about["kind"] == "text":
        says = "dark bells over a slow 808 …"
        return gr.Textbox(value=default, lines=2, max_lines=5, placeholder=says, autofocus=True, **common)
    if about["kind"] == "whole" and high - low < MOST_SEGMENTS:
        return gr.Radio(list(range(low, high + 1)), value=default, **common | {"elem_classes": "field segments"})
    if default is None:  # a text field, since Gradio's number field shows an open number as 0
        return gr.Textbox(value="", placeholder="Auto", **common)
    if name in IN_SIGHT:
        return gr.Number(value=default, step=about["step"], **common)
    return gr.Slider(low, high, value=default, step=about["step"], buttons=["reset"], **common)


def _hint(name: str) -> str | None:
    """What is allowed, for options in sight; the whole help for those that are folded away."""
    about = OPTIONS[name].metadata
    if name not in IN_SIGHT:
        return about["help"][0].upper() + about["help"][1:]
    if about["kind"] in ("number", "whole"):
        return f"{about['low']:g} to {about['high']:g} {about['unit']}"
    return "or type Fm" if name == "key" else None


# --- the stage: how it goes, and the pack ---


def _stage() -> Stage:
    status = gr.HTML(page_style.idle(), padding=False, elem_id="status")
    live = gr.Textbox(visible="hidden", elem_id="live")
    with gr.Column(visible=False, elem_id="results") as results:
        takes = [
            gr.Audio(
                label=f"Take {number}",
                type="filepath",
                interactive=False,
                visible=False,
                loop=True,
                buttons=["download"],
                elem_id=f"take-{number}",
                waveform_options={"waveform_color": "#a2968a", "waveform_progress_color": "#e2562b", "skip_length": 2},
            )
            for number in range(1, OPTIONS["takes"].metadata["high"] + 1)
        ]
        download = gr.DownloadButton("Download pack", variant="primary", elem_id="download")
        with gr.Accordion("Recipe", open=False, elem_classes="fine"):
            recipe = gr.Code(
                language="json", interactive=False, show_label=False, elem_id="recipe", max_lines=24, wrap_lines=True
            )
    return Stage(status, results, live, takes, download, recipe)


# --- events ---


def _wire(blocks: gr.Blocks, page: Page, booth: Booth) -> None:
    async def on_make(visitor: gr.Request, *values: Any) -> AsyncIterator[Updates]:
        yield _begun(page)
        try:
            request = resolve(BeatRequest.parse(**dict(zip(OPTIONS, values, strict=True))))
            visit = booth.visit(visitor.session_hash)
            async with visit as stop, aclosing(booth.beat(request, stop, aloud=True)) as beat:
                async for state in beat:
                    yield _updates(page, state)
        except RequestError as wrong:
            yield _refused(page, wrong)
        except Stopped:
            yield _ended(page, page_style.stopped())
        except Exception as failure:  # the page must say something whatever breaks
            yield _ended(page, page_style.trouble(*explain(failure)))

    def on_stop(visitor: gr.Request) -> None:
        booth.stop(visitor.session_hash)

    # values come as the browser sends them (no preprocessing), so that BeatRequest alone says what is wrong
    run = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    form = list(page.form.values())
    gr.on([page.make.click, page.form["prompt"].submit], on_make, form, page.outputs, js=BEFORE_MAKE, **run)
    page.stage.live.change(None, page.stage.live, None, js="piece => typebeatLive.play(piece)")
    page.stop.click(None, js="() => typebeatLive.silence()")
    page.stop.click(on_stop, queue=False, show_progress="hidden", api_visibility="private")
    blocks.unload(on_stop)


def _updates(page: Page, state: State) -> Updates:
    if isinstance(state, BeatPack):
        return _done(page, state)
    if isinstance(state, Heard):
        return {page.stage.live: _for_script(state.piece)}
    words = page_style.waiting(state.ahead) if isinstance(state, Waiting) else page_style.working(state)
    return {page.stage.status: words}


def _for_script(piece: Audio) -> str:
    """A piece of sound as live.js takes it: 16-bit samples, channels interleaved, in base64."""
    samples = (piece.samples.T.clip(-1, 1) * 32767).astype("<i2").tobytes()
    told = {"rate": piece.sample_rate, "channels": len(piece.samples), "samples": b64encode(samples).decode()}
    return json.dumps(told)


def _fields(page: Page, wrong: RequestError | None = None) -> Updates:
    """Every control with its hint, or with what is wrong with it."""
    updates: Updates = {}
    for name, control in page.form.items():
        is_wrong = wrong is not None and wrong.field == name
        classes = [*(control.elem_classes or []), *(["wrong"] if is_wrong else [])]
        updates[control] = gr.update(info=str(wrong) if is_wrong else _hint(name), elem_classes=classes)
    return updates


def _begun(page: Page) -> Updates:
    buttons = {page.make: gr.update(value="Making …", interactive=False), page.stop: gr.update(interactive=True)}
    return {**_fields(page), **buttons, page.stage.results: gr.update(visible=False), page.stage.live: ""}


def _ended(page: Page, status: str) -> Updates:
    make = gr.update(value="Make the beat", interactive=True)
    return {page.make: make, page.stop: gr.update(interactive=False), page.stage.status: status}


def _refused(page: Page, wrong: RequestError) -> Updates:
    status = page_style.trouble("One thing first", str(wrong))
    fold = {page.fine: gr.update(open=True)} if wrong.field not in IN_SIGHT else {}
    return {**_fields(page, wrong), **_ended(page, status), **fold}


def _done(page: Page, pack: BeatPack) -> Updates:
    stage = page.stage
    updates = _ended(page, page_style.finished(pack.recipe))
    updates[stage.results] = gr.update(visible=True)
    for number, player in enumerate(stage.takes):
        path = pack.takes[number] if number < len(pack.takes) else None
        updates[player] = gr.update(value=str(path) if path else None, visible=path is not None)
    updates[stage.download] = gr.update(value=str(pack.zip))
    updates[stage.recipe] = json.dumps(pack.recipe, indent=2, ensure_ascii=False)
    return updates
