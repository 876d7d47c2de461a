"""The named API: `/make`, its keyword arguments, defaults and types taken from `BeatRequest`'s fields.

A call returns when the pack is finished; nothing is streamed. It waits in the same line as the page (`serving.py`).
"""

from __future__ import annotations

import inspect
import typing
from contextlib import aclosing
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr

from typebeat.engines import Stopped
from typebeat.lanes import Finished
from typebeat.pack import BeatPack
from typebeat.request import BeatRequest, RequestError, resolve
from typebeat.serving import Booth, explain

MAKE_RETURNS = "the takes (WAV files, in the order of their seeds), the recipe, and the pack as a ZIP"


def add_api(booth: Booth) -> None:
    """Adds the endpoints to the page that is being built."""

    async def make(visitor: gr.Request, *values: Any) -> Any:
        names = [option.name for option in fields(BeatRequest)]
        try:
            request = resolve(BeatRequest.parse(**dict(zip(names, values, strict=True))))
            async with booth.visit(visitor.session_hash) as stop, aclosing(booth.beat(request, stop)) as beat:
                async for state in beat:
                    if isinstance(state, Finished):
                        pack: BeatPack = state.result
                        return [_served(take) for take in pack.takes], pack.recipe, _served(pack.zip)
        except RequestError as wrong:
            raise gr.Error(f"{wrong.field}: {wrong}", print_exception=False) from None
        except Stopped:
            raise gr.Error("Stopped", print_exception=False) from None
        except Exception as failure:
            raise gr.Error(": ".join(explain(failure)), print_exception=False) from None

    _describe(make)
    gr.api(make, api_name="make", concurrency_limit=None)


def _describe(make: Any) -> None:
    """Gives `make` the signature and the docstring that `BeatRequest` implies."""
    types = typing.get_type_hints(BeatRequest)
    parameters = [inspect.Parameter("visitor", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)]
    lines = []
    for option in fields(BeatRequest):
        is_list = option.metadata["kind"] == "list"
        hint, default = (list[str], list(option.default)) if is_list else (types[option.name], option.default)
        parameters.append(
            inspect.Parameter(option.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=hint)
        )
        lines.append(f"    {option.name}: {option.metadata['help']}{_limits(option.metadata)}")
    returns = tuple[list[gr.FileData], dict, gr.FileData]
    make.__signature__ = inspect.Signature(parameters, return_annotation=returns)
    make.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": returns}
    make.__doc__ = "\n".join(["Makes a beat pack.", "", "Parameters:", *lines, "", "Returns:", f"    {MAKE_RETURNS}"])


def _limits(about: typing.Mapping[str, Any]) -> str:
    if about["kind"] in ("number", "whole"):
        return f" ({about['low']:g} to {about['high']:.12g})"
    return f" ({', '.join(about['choices'])})" if about["choices"] else ""


def _served(path: Path) -> dict[str, Any]:
    """A file as the API hands it out: Gradio copies it to its own folder under the same name."""
    return gr.FileData(path=str(path), orig_name=path.name).model_dump()
