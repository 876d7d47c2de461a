"""Builds the tab where whoever runs the page chooses which beat weights play, and offers those of a pasted recipe.

Only a browser on the same machine may change them: they play for every visitor.
"""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from html import escape
from typing import Any, cast

import gradio as gr

from typebeat.engines import BeatEngine, SwitchableBeat, WeightChoice, Weights
from typebeat.page import html
from typebeat.page.form import Form
from typebeat.page.run import PRIVATE, RUN, Launcher, Updates, build_buttons
from typebeat.parts.licences import plain_licence
from typebeat.request.styles import DISCLAIMER
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import States

IDLE = ("Which weights play", "One model plays at a time, for everybody who uses this page.")
FIXED = "The weights cannot be changed while this page runs; its TYPEBEAT_BEAT says which play."
NOT_HERE = "Only a browser on the machine that runs this page may change them, since they play for everybody."
LOOPBACK = ("127.0.0.1", "::1")
RELAYED = ("x-forwarded-for", "forwarded", "x-real-ip")  # headers of a server in between
EIGHT_BARS = 8 * 4 * 60 / 140  # seconds
SLOW = 1.5  # seconds of work for a second of sound from which a warning is due


def build_settings_tab(runner: JobRunner, form: Form, foot: gr.HTML) -> None:
    """Builds the tab inside the current Gradio block.

    Args:
        runner: Its beat engine may be one that cannot be switched; then the tab only says so.
        form: Of the tab that makes beats; recipes are pasted there.
        foot: Says at the foot of the page what plays.
    """
    beat = switchable(runner.engines.beat)
    if beat is None:
        gr.HTML(html.idle(IDLE[0], FIXED), padding=False, js_on_load=None, elem_id="settings-status")
        return
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7, min_width=320, elem_classes="card"):
            listed = [(_label(each), str(number)) for number, each in enumerate(beat.choices)]
            chosen = gr.Radio(listed, value=_number(beat), label="Weights of the beats", elem_id="weights",
                              elem_classes="field")  # fmt: skip
            facts = gr.HTML(_facts(beat, beat.choice), padding=False, elem_id="weights-facts", js_on_load=None)
            load, stop = build_buttons("Load these weights", "weights-load", "weights-stop")
        with gr.Column(scale=5, min_width=320, elem_classes="card hear"):
            stage = gr.HTML(html.idle(*IDLE), padding=False, elem_id="settings-status", js_on_load=None)

    def begin(stop: threading.Event, number: Any) -> States:
        return runner.weights(_choice(beat, number), stop)

    def done(weights: Weights, number: Any) -> Updates:
        now = html.stage("finished", f"{escape(weights.name)} plays", escape(plain_licence(weights.licence)))
        return {stage: now, foot: html.footnotes(weights, DISCLAIMER), facts: _facts(beat, _choice(beat, number))}

    stopped = html.stopped("The weights that played before play on.")
    launcher = Launcher(runner, begin, done, lambda wrong: {}, load, stop, "Loading …", stage, stopped=stopped)

    async def run(visitor: gr.Request, number: Any) -> AsyncIterator[Updates]:
        if not is_operator(visitor):
            yield {stage: html.trouble("Not from here", NOT_HERE)}
            return
        async for updates in launcher.run(visitor, number):
            yield updates

    load.click(run, chosen, [*launcher.outputs, foot, facts], **RUN)
    launcher.wire_stop()
    chosen.change(lambda number: _facts(beat, _choice(beat, number)), chosen, facts, **PRIVATE)

    def offer(text: Any) -> Updates:
        """Chooses the weights that a pasted recipe names, and says so, where others play."""
        wanted = weights_of_recipe(text)
        found = match(beat.choices, wanted)
        updates: Updates = {chosen: gr.skip(), stage: gr.skip(), form.pasted: ""}  # so that it can be pasted again
        if not wanted or wanted == beat.weights.name or (found and found.choice == beat.choice):
            return updates
        if found is None:
            gr.Info(f"This recipe was made with {escape(wanted)}, which is not among the weights of this page.")
            return updates
        gr.Info(f"This recipe was made with {escape(found.name)}. They are chosen under Settings: load them there.")
        return {**updates, chosen: str(beat.choices.index(found)), stage: _offered(found)}

    # in the queue: outside of it Gradio shows no `gr.Info`
    form.pasted.change(offer, form.pasted, [chosen, stage, form.pasted], **RUN)


def switchable(beat: BeatEngine) -> SwitchableBeat | None:
    """Returns the engine if its weights can be changed, else None."""
    return cast(SwitchableBeat, beat) if hasattr(beat, "switch") else None


def is_operator(visitor: gr.Request) -> bool:
    """Whether a visitor sits at the machine that runs the page, with no server in between."""
    host = visitor.client.host if visitor.client else ""
    return host in LOOPBACK and not any(name in visitor.headers for name in RELAYED)


def weights_of_recipe(text: Any) -> str:
    """Returns which beat weights a pasted recipe names; empty for a link or anything else."""
    try:
        told = json.loads(str(text or ""))
        name = told["weights"]["beat"]["name"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return name[:120] if isinstance(name, str) else ""


def match(choices: tuple[WeightChoice, ...], name: str) -> WeightChoice | None:
    """Returns the choice that a recipe's name of weights means, if it can be chosen."""
    plain = {each.choice.partition("@")[0]: each for each in choices} | {each.name: each for each in choices}
    return plain.get(name)


def _offered(found: WeightChoice) -> str:
    size = f"About {found.gigabytes:g} GB are fetched once. " if found.gigabytes >= 1 else ""
    return html.stage("idle", f"The recipe asks for {escape(found.name)}", f"{size}Load them, then make it again.")


def _label(each: WeightChoice) -> str:
    size = f", {each.gigabytes:g} GB" if each.gigabytes else ""
    return f"{each.name}{size}" + (" (does not play here)" if each.why_not else "")


def _number(beat: SwitchableBeat) -> str | None:
    """Returns the number of what plays. The list has numbers, since every visitor's page holds its values."""
    return next((str(number) for number, each in enumerate(beat.choices) if each.choice == beat.choice), None)


def _choice(beat: SwitchableBeat, number: Any) -> str:
    """Returns the choice that a number of the list means, "" for anything else."""
    try:
        return beat.choices[int(number)].choice if int(number) >= 0 else ""
    except (ValueError, TypeError, IndexError):
        return ""


def _facts(beat: SwitchableBeat, choice: str) -> str:
    """Returns what a choice is: licence, why it does not play, and how fast it would be on this processor."""
    found = next((each for each in beat.choices if each.choice == choice), None)
    if found is None:
        return ""
    lines = [plain_licence(found.licence)] if found.licence else []
    if found.why_not:
        lines.append(f"It cannot be played: {found.why_not}.")
    elif choice != beat.choice and (pace := beat.pace(choice)) is not None:
        slow = " A GPU makes it in seconds." if pace > SLOW else ""
        lines.append(
            f"Measured on this processor: about {_duration(pace)} of work for a second of sound, so about "
            f"{_duration(pace * EIGHT_BARS)} for 8 bars at 140 BPM, if nothing else keeps it busy.{slow}"
        )
    if choice == beat.choice:
        lines.append("It plays now.")
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
