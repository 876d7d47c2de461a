"""Offers the options of each command, with their help; they are the fields of the records that check them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import Field, fields
from typing import Any, NoReturn

from typebeat.cli import commands
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.reference import REFERENCE, ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.sound_limits import SOUND_FILE
from typebeat.request.styles import DISCLAIMER
from typebeat.version import __version__

SHORT_FLAGS = {"with_parts": ("--with",)}
EXAMPLE = 'python -m typebeat make "dark bells over a slow 808" --style travis-scott --bpm 140 --key "F minor" --seed 7'


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are a `RequestError` of one line."""

    def error(self, message: str) -> NoReturn:
        raise RequestError("arguments", f"{message}; see python -m typebeat --help")


def make_parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands; what it reads has "run", a function of `commands`, and its arguments."""
    parser = _Parser(
        prog="python -m typebeat",
        description=f"A line of text and a style in, a beat out. {DISCLAIMER}",
        epilog=f"example: {EXAMPLE}",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Typebeat {__version__}")
    command = parser.add_subparsers(title="commands", metavar="command", required=True)

    maker = command.add_parser("make", help="make a beat pack", description=commands.make.__doc__, allow_abbrev=False)
    _add_options(maker, BeatRequest)
    maker.add_argument("--reference", metavar="FILE|CHORDS", help=REFERENCE)
    _add_options(maker, ReferenceOptions)
    maker.add_argument(
        "--of",
        metavar="PACK",
        help="the beat that --again is about: the folder of its pack, its ZIP or its recipe.json",
    )
    maker.add_argument(
        "--out", default="packs", metavar="FOLDER", help="folder for the pack's folder and ZIP (default: packs)"
    )
    maker.add_argument(
        "--dry-run", action="store_true", help="print what is understood, as one JSON object, and make nothing"
    )
    maker.set_defaults(run=commands.make)

    batcher = command.add_parser(
        "batch", help="make a pack for each row of a table", description=commands.batch.__doc__, allow_abbrev=False
    )
    batcher.add_argument("table", help="CSV, JSON Lines or Parquet")
    batcher.add_argument("--out", default="packs", metavar="FOLDER", help="folder for the packs (default: packs)")
    batcher.add_argument(
        "--workers",
        metavar="N",
        help="processes at once, each with 1.5 GB for the starter (default: one a core, on a GPU one in all)",
    )
    batcher.add_argument(
        "--address",
        metavar="ADDRESS",
        help="of a Ray cluster that makes the packs: host:port of its head, auto for the one that this machine "
        "is part of, local for processes of this machine (needs requirements-ray.txt; default: none)",
    )
    batcher.add_argument(
        "--shards",
        action="store_true",
        help="move the packs into tar files of about 1 GB, as WebDataset reads them: a sample a row, a field a file",
    )
    batcher.set_defaults(run=commands.batch)

    measurer = command.add_parser(
        "analyze", help="measure a sound file", description=commands.analyze.__doc__, allow_abbrev=False
    )
    measurer.add_argument("file", help=SOUND_FILE)
    _add_midi_options(measurer, only=("bpm", "key", "metre", "downbeat", "bars"))
    measurer.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    measurer.set_defaults(run=commands.analyze)

    writer = command.add_parser(
        "midi", help="write a sound down as MIDI", description=commands.midi.__doc__, allow_abbrev=False
    )
    writer.add_argument("file", help=SOUND_FILE)
    _add_midi_options(writer)
    writer.add_argument("--out", default="midi", metavar="FOLDER", help="folder for the MIDI files (default: midi)")
    writer.set_defaults(run=commands.midi)

    drawer = command.add_parser("cover", help="draw a cover", description=commands.cover.__doc__, allow_abbrev=False)
    _add_options(drawer, CoverRequest)
    drawer.add_argument("--no-title", action="store_true", help="draw a cover without any text on it")
    drawer.add_argument("--out", default="cover.png", metavar="FILE", help="PNG file to write (default: cover.png)")
    drawer.set_defaults(run=commands.cover)

    teller = command.add_parser("weights", help="show which weights are used", description=commands.weights.__doc__)
    teller.add_argument("choice", nargs="?", metavar="NAME", help="a Hub repository owner/name[@revision], or a folder")
    teller.set_defaults(run=commands.weights)
    return parser


def _add_midi_options(parser: argparse.ArgumentParser, only: Sequence[str] = ()) -> None:
    for option in fields(MidiOptions):
        if only and option.name not in only:
            continue
        is_switch = option.metadata["kind"] == "switch"
        shown: dict[str, Any] = (
            {"action": argparse.BooleanOptionalAction} if is_switch else {"metavar": _metavar(option)}
        )
        parser.add_argument(f"--{option.name}", default=option.default, help=_help(option), **shown)


def _add_options(parser: argparse.ArgumentParser, record: type) -> None:
    """Adds a flag for each field of a record of options; the prompt stands without one."""
    for option in fields(record):
        if option.name == "prompt":
            parser.add_argument(option.name, nargs="?", default=option.default, help=_help(option))
        else:
            flags = [f"--{option.name.replace('_', '-')}", *SHORT_FLAGS.get(option.name, ())]
            parser.add_argument(*flags, dest=option.name, metavar=_metavar(option), help=_help(option))


def _metavar(option: Field[Any]) -> str:
    return {"number": "NUMBER", "whole": "N", "list": "NAMES"}.get(option.metadata["kind"], option.name.upper())


def _help(option: Field[Any]) -> str:
    """Returns an option's help, with what is allowed and the default."""
    about = option.metadata
    allowed = []
    if about["low"] is not None:
        allowed.append(f"{about['low']} to {about['high']} {about['unit']}".rstrip())
    elif about["high"] is not None:
        allowed.append(f"up to {about['high']} {about['unit']}".rstrip())
    elif option.name != "key" and about["choices"]:  # a key's help shows how it is written
        allowed.append(", ".join(about["choices"]))
    if about["kind"] == "switch":
        allowed.append(f"default: {'on' if option.default else 'off'}")
    elif option.default not in (None, ""):
        default = ",".join(option.default) if isinstance(option.default, tuple) else option.default
        allowed.append(f"default: {default}")
    return (f"{about['help']} ({'; '.join(allowed)})" if allowed else about["help"]).replace("%", "%%")
