"""The named API: `/make`, `/midi`, `/cover`, `/analyze` and `/understand`.

Their arguments are the fields of the request records. A call returns when its job is finished; nothing is streamed.
Its jobs wait in the same queues as the page's. The same endpoints are tools for agents (MCP), described by the
docstrings that are made here.
"""

from __future__ import annotations

import inspect
import threading
import typing
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from typebeat.engines import Stopped
from typebeat.page.uploads import recipe_given, reference_given, uploaded_file
from typebeat.parts.again import settle
from typebeat.parts.own.foretelling import foretold
from typebeat.parts.own.refusals import check_together
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.reference import OPTIONS as REFERENCE_OPTIONS
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.sound_limits import SOUND_FILE
from typebeat.request.understanding import preview
from typebeat.serving.around import beat_again, beat_around
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import Finished, States

Run = Callable[[threading.Event], States]  # starts a job that the event stops


@dataclass(frozen=True)
class Brought:
    """An argument that is no option of a record."""

    name: str
    told: str
    annotation: Any = dict[str, Any] | str | None
    default: Any = None


FILE = Brought("file", f"the sound: {SOUND_FILE}, uploaded", gr.FileData, inspect.Parameter.empty)
OF = Brought(
    "of",
    "the beat whose other parts stay, for again: its recipe as an object or as JSON text, or its recipe.json or the "
    "ZIP of its pack, uploaded",
)
REFERENCE = Brought(
    "reference", "what the beat is made around: a sound or a MIDI file, uploaded, or chords as text, such as Am F C G"
)
LATER = (
    "adapter_strength",
    "voices",
)  # options that came after those of a reference, so that no argument changes its place
MEASURED = ("bpm", "key", "metre", "downbeat", "bars")  # the fields of `MidiOptions` that /analyze takes


def add_api(runner: JobRunner) -> None:
    """Adds the endpoints to the page that is being built."""

    async def make(visitor: gr.Request, of: Any = None, reference: Any = None, **wish: Any) -> Any:
        use = ReferenceOptions(**{name: wish.pop(name) for name in REFERENCE_OPTIONS})
        earlier, source = recipe_given(of), reference_given(reference)
        check_together(source, use, earlier)

        def begin(stop: threading.Event) -> States:
            if earlier is not None:
                return beat_again(runner, settle(_said(beat, wish), earlier), earlier, stop, source)
            if source is not None:
                return beat_around(runner, source, use, wish, stop)
            return runner.beat(settle(wish), stop)

        pack = await _finished(runner, visitor, begin)
        return [_served(take) for take in pack.takes], pack.recipe, _served(pack.zip)

    async def midi(visitor: gr.Request, file: Any, **wish: Any) -> Any:
        upload, options = uploaded_file(file), MidiOptions(**wish)
        made = (await _finished(runner, visitor, lambda stop: runner.midi(upload, options, stop))).made
        return [_served(path) for path in made.files.values()], made.facts()

    async def cover(visitor: gr.Request, **wish: Any) -> Any:
        request = CoverRequest(**wish).resolved()
        drawn = await _finished(runner, visitor, lambda stop: runner.covers(request, stop))
        return [_served(path) for path in drawn.files], list(drawn.recipes)

    async def analyze(visitor: gr.Request, file: Any, **wish: Any) -> Any:
        upload, asked = uploaded_file(file), MidiOptions(**wish)
        passport = await _finished(runner, visitor, lambda stop: runner.analysis(upload, asked, stop))
        return passport.facts()

    async def understand(visitor: gr.Request, reference: Any = None, **wish: Any) -> Any:
        use = ReferenceOptions(**{name: wish.pop(name) for name in REFERENCE_OPTIONS})
        source = reference_given(reference)
        check_together(source, use, None)
        if source is None:
            return preview(BeatRequest.parse(**wish))
        heard = await _finished(runner, visitor, lambda stop: runner.reference(source, use, stop))
        return foretold(heard, wish, beat=runner.engines.beat)

    beat, notes, picture = fields(BeatRequest), fields(MidiOptions), fields(CoverRequest)
    measured = tuple(option for option in notes if option.name in MEASURED)
    own = tuple(REFERENCE_OPTIONS.values())
    late = tuple(option for option in (*beat, *own) if option.name in LATER)
    early_beat, early_own = ([option for option in options if option not in late] for options in (beat, own))
    made: tuple[Field[Any] | Brought, ...] = (*early_beat, OF, REFERENCE, *early_own, *late)
    files = list[gr.FileData]
    gr.api(
        _endpoint(make, made, tuple[files, dict, gr.FileData], "Makes a beat pack, also around your own sound.",
                  "the takes (WAV files), the recipe, and the pack as a ZIP"),
        api_name="make", concurrency_limit=None,
    )  # fmt: skip
    gr.api(
        _endpoint(midi, (FILE, *notes), tuple[files, dict],
                  "Writes a sound down as MIDI: drums, 808, melody, chords, and all.",
                  "the MIDI files, and what was measured and what is missing"),
        api_name="midi", concurrency_limit=None,
    )  # fmt: skip
    gr.api(
        _endpoint(cover, picture, tuple[files, list[dict]], "Draws covers for a beat.",
                  "the covers (PNG files), and the recipe of each"),
        api_name="cover", concurrency_limit=None,
    )  # fmt: skip
    gr.api(
        _endpoint(analyze, (FILE, *measured), dict, "Measures tempo, key, bars and loudness of a sound.",
                  "what was measured, beside what was asked"),
        api_name="analyze", concurrency_limit=None,
    )  # fmt: skip
    gr.api(
        _endpoint(understand, (*beat, REFERENCE, *own), dict,
                  "Tells what is understood of a wish for a beat, also around your own sound, and makes nothing.",
                  "the values that /make would take, where each comes from, and what was not understood; under "
                  "reference what was heard and what would be made of it"),
        api_name="understand", concurrency_limit=None, queue=False,
    )  # fmt: skip


async def _finished(runner: JobRunner, visitor: gr.Request, run: Run) -> Any:
    """Waits for a job to end and returns what it made."""
    async with runner.visit(visitor.session_hash) as stop, aclosing(run(stop)) as states:
        async for state in states:
            if isinstance(state, Finished):
                return state.result
            if _has_left():
                raise Stopped
    raise AssertionError("a queue ends with Finished or raises")


def _has_left() -> bool:
    """Whether the client of this call hung up. The pinned Gradio only marks its event as no longer alive."""
    event, blocks = LocalContext.event_id.get(None), LocalContext.blocks.get(None)
    running = (job for jobs in blocks._queue.active_jobs if jobs for job in jobs) if blocks else ()
    return any(job._id == event and not job.alive for job in running)


def _endpoint(
    work: Callable[..., Any],
    arguments: tuple[Field[Any] | Brought, ...],
    returns: Any,
    does: str,
    gives: str,
) -> Callable[..., Any]:
    """Wraps `work` for Gradio: positional arguments, a signature, a docstring, and errors of one line."""
    names = [argument.name for argument in arguments]

    async def endpoint(visitor: gr.Request, *values: Any) -> Any:
        try:
            return await work(visitor, **dict(zip(names, values, strict=True)))
        except RequestError as wrong:
            raise gr.Error(f"{wrong.field}: {wrong}", print_exception=False) from None
        except Stopped:
            raise gr.Error("Stopped", print_exception=False) from None
        except Exception as failure:
            raise gr.Error(": ".join(explain(failure)), print_exception=False) from None

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("visitor", kind, annotation=gr.Request)]
    lines = []
    for each in arguments:
        if isinstance(each, Brought):
            hint, default, told = each.annotation, each.default, each.told
        else:
            hint, default = _type_and_default(each)
            told = f"{each.metadata['help']}{_limits(each.metadata)}"
        parameters.append(inspect.Parameter(each.name, kind, default=default, annotation=hint))
        lines.append(f"    {each.name}: {told}")
    endpoint.__name__ = work.__name__
    endpoint.__signature__ = inspect.Signature(parameters, return_annotation=returns)  # type: ignore[attr-defined]
    endpoint.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": returns}
    endpoint.__doc__ = "\n".join([does, "", "Parameters:", *lines, "", "Returns:", f"    {gives}"])
    return endpoint


def _said(options: tuple[Field[Any], ...], wish: dict[str, Any]) -> dict[str, Any]:
    """Returns what a caller asks for beyond the defaults; the rest is as in the earlier beat."""
    return {
        option.name: wish[option.name]
        for option in options
        if wish[option.name] not in (option.default, None, "") and wish[option.name] != _type_and_default(option)[1]
    }


def _type_and_default(option: Field[Any]) -> tuple[Any, Any]:
    kind: str = option.metadata["kind"]
    default: Any = option.default
    if kind == "list":
        return list[str], list(default)
    plain = {"number": float, "whole": int, "switch": bool}.get(kind, str)
    return (plain | None if default is None else plain), default


def _limits(about: typing.Mapping[str, Any]) -> str:
    if about["kind"] in ("number", "whole"):
        return f" ({about['low']:g} to {about['high']:.12g})"
    return f" ({', '.join(about['choices'])})" if about["choices"] else ""


def _served(path: Path) -> dict[str, Any]:
    """Returns a file as the API gives it out; Gradio copies it to its own folder under the same name."""
    return gr.FileData(path=str(path), orig_name=path.name).model_dump()
