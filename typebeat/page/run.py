"""Runs a tab's job: the buttons that start and stop it, the stage that shows how it goes, and what failures say."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from typebeat.engines import Stopped
from typebeat.page import html
from typebeat.request.options import RequestError
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import Finished, Playing, State, States, Waiting
from typebeat.sound.audio import Audio

# private events take values as the browser sends them (no preprocessing), so that a record alone says what is wrong
PRIVATE: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private"}
RUN: dict[str, Any] = {**PRIVATE, "concurrency_limit": None}  # the lines of `serving/` limit what runs at once

Updates = dict[Any, Any]  # component -> what becomes of it


def build_buttons(text: str, start_id: str, stop_id: str) -> tuple[gr.Button, gr.Button]:
    """Builds the row of the button that starts a job, with its text, and the one that stops it."""
    with gr.Row(elem_classes="actions"):
        start = gr.Button(text, variant="primary", scale=3, min_width=160, elem_id=start_id, elem_classes="go-button")
        stop = gr.Button("Stop", scale=1, min_width=88, interactive=False, elem_id=stop_id, elem_classes="stop-button")
    return start, stop


@dataclass(frozen=True)
class Launcher:
    """What a tab needs to run a job; `run` is the event that the button calls with the values of the form.

    Attributes:
        runner: Runs the jobs of all tabs.
        begin: Reads the form's values, which may raise RequestError, and starts the job that the event stops.
        done: Returns the updates that show what the job made of the form's values.
        hints: Returns updates that show every control with its hint, or with what is wrong with it.
        start: The button that starts a job.
        stop: The button that stops it.
        busy: What `start` says while a job runs.
        stage: Shows how it goes.
        cleared: Emptied when a job starts.
        live: One of `cleared` that gets the sound while it is made; None in a tab without sound.
        others: Buttons that are off while it runs, since they would start another job for the same stage.
        stopped: What the stage shows after Stop.
    """

    runner: JobRunner
    begin: Callable[..., States]  # (threading.Event, *values)
    done: Callable[..., Updates]  # (result, *values)
    hints: Callable[[RequestError | None], Updates]
    start: gr.Button
    stop: gr.Button
    busy: str
    stage: gr.HTML
    cleared: tuple[Any, ...] = ()
    live: gr.Textbox | None = None
    others: tuple[gr.Button, ...] = ()
    stopped: str = html.stopped()

    @property
    def outputs(self) -> list[Any]:
        """The components that a run changes, beside the controls and what `done` changes."""
        return [self.start, self.stop, self.stage, *self.cleared, *self.others]

    async def run(self, visitor: gr.Request, *values: Any) -> AsyncGenerator[Updates, None]:
        """Yields the updates of the tab, from the click to the result or to the reason why there is none."""
        begun = {self.start: gr.update(value=self.busy, interactive=False), self.stop: gr.update(interactive=True)}
        off = dict.fromkeys(self.others, gr.update(interactive=False))
        yield {**self.hints(None), **begun, **off, **dict.fromkeys(self.cleared, "")}
        try:
            async with self.runner.visit(visitor.session_hash) as stop, aclosing(self.begin(stop, *values)) as states:
                async for state in states:
                    yield self._shown(state, values)
        except RequestError as wrong:
            yield {**self.hints(wrong), **self._ended(html.trouble("One thing first", str(wrong)))}
        except Stopped:
            yield self._ended(self.stopped)
        except Exception as failure:  # the page must say something whatever breaks
            yield self._ended(html.trouble(*explain(failure)))

    def wire_stop(self) -> None:
        """Makes the button stop what its visitor has running."""
        self.stop.click(self.stop_job, queue=False, show_progress="hidden", api_visibility="private")

    def stop_job(self, visitor: gr.Request) -> None:
        """Stops what the visitor has running."""
        self.runner.stop(visitor.session_hash)

    def _shown(self, state: State, values: tuple[Any, ...]) -> Updates:
        if isinstance(state, Finished):
            return {**self._ended(""), **self.done(state.result, *values)}
        if isinstance(state, Playing):
            return {self.live: _for_script(state.piece)}
        return {self.stage: html.waiting(state) if isinstance(state, Waiting) else html.working(state)}

    def _ended(self, status: str) -> Updates:
        start = gr.update(value=self.start.value, interactive=True)
        on = dict.fromkeys(self.others, gr.update(interactive=True))
        return {self.start: start, self.stop: gr.update(interactive=False), self.stage: status, **on}


def _for_script(piece: Audio) -> str:
    """A piece of sound as live.js takes it: 16-bit samples, channels interleaved, in base64."""
    samples = (piece.samples.T.clip(-1, 1) * 32767).astype("<i2").tobytes()
    return json.dumps(
        {"rate": piece.sample_rate, "channels": len(piece.samples), "samples": b64encode(samples).decode()}
    )
