"""The command line: `python -m typebeat make ...`, `midi FILE`, `cover ...`, `analyze FILE` and `weights`.

Its options are the fields of `BeatRequest`, `MidiOptions` and `CoverRequest`, which also check them. Results go to
stdout, everything else to stderr. The exit code is 0 if all is done, 2 if the request is wrong, 130 if it was
interrupted and 1 for any other failure; each failure is explained in one line.
"""

from __future__ import annotations

import argparse
import errno
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.reference import OPTIONS as REFERENCE_OPTIONS
from typebeat.request.reference import REFERENCE, ReferenceOptions
from typebeat.request.requests import NO_TITLE, BeatRequest
from typebeat.request.settings import Settings, read_settings
from typebeat.request.settled import resolve
from typebeat.request.sound_limits import SOUND_FILE
from typebeat.request.styles import DISCLAIMER
from typebeat.request.understanding import not_silenced, notes, preview, understanding
from typebeat.version import __version__

if TYPE_CHECKING:
    from typebeat.parts.own import Reference

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
PROGRESS_EVERY_S = 2.0  # seconds between two lines in a log; on a terminal one line is written over

SHORT_FLAGS = {"with_parts": ("--with",)}
EXAMPLE = 'python -m typebeat make "dark bells over a slow 808" --style travis-scott --bpm 140 --key "F minor" --seed 7'


class FailedRows(Exception):
    """Some rows of a batch could not be made; all others are."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are a `RequestError` of one line."""

    def error(self, message: str) -> NoReturn:
        raise RequestError("arguments", f"{message}; see python -m typebeat --help")


class ProgressLine:
    """Shows steps on a stream: in one line that is written over on a terminal, else in a new line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._overwrites = stream.isatty()
        self._is_open = False
        self._last = float("-inf")

    def __call__(self, done: int, needed: int, doing: str) -> None:
        """Shows how far the work is, if it is time to."""
        text = f"{doing}: {done} of {needed} steps"
        if self._overwrites:
            print(f"\r{text}\033[K", end="", file=self._stream, flush=True)
            self._is_open = True
        elif done == needed or time.monotonic() - self._last >= PROGRESS_EVERY_S:
            print(text, file=self._stream, flush=True)
            self._last = time.monotonic()

    def end(self) -> None:
        """Ends the line that was written over, so that other text begins on a new one."""
        if self._is_open:
            print(file=self._stream)
            self._is_open = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    settings = read_settings()
    progress = ProgressLine(sys.stderr)
    try:
        options = vars(_parser().parse_args(arguments))
        run = options.pop("run")
        run(settings, progress, **options)
        return DONE
    except RequestError as error:
        return _say(progress, str(error), WRONG)
    except KeyboardInterrupt:
        return _say(progress, "interrupted; no half pack is left", INTERRUPTED)
    except OSError as error:
        return _say(progress, _what_the_system_says(error), FAILED)
    except Exception as error:
        if settings.traceback:
            raise
        return _say(progress, _what_went_wrong(error), FAILED)


def make(
    settings: Settings,
    progress: ProgressLine,
    out: str,
    of: str | None,
    reference: str | None,
    dry_run: bool,
    **options: str | None,
) -> None:
    """Makes a pack, also around your own sound, or parts of an earlier one anew; prints its folder and its ZIP."""
    # 1. everything that can be wrong, before anything slow
    given = {name: value for name, value in options.items() if value is not None}
    of_reference: dict[str, Any] = {name: given.pop(name) for name in list(given) if name in REFERENCE_OPTIONS}
    use = ReferenceOptions(**of_reference)
    brought = _brought(settings, reference, use, of)
    if brought:
        from typebeat.parts.own.settling import settled_by, wish_of

        given = wish_of(brought, given)
    if dry_run:
        asked = BeatRequest.parse(**given)
        asked = settled_by(brought, asked, list(given)) if brought else asked
        told = {"reference": brought.facts()} if brought else {}
        print(json.dumps({**preview(asked, list(given)), **told}, ensure_ascii=False))
        return
    if of or "again" in given:
        from typebeat.parts.recipes import settled_from

        request, earlier = settled_from(of, given)
    elif brought:
        request, earlier = resolve(settled_by(brought, BeatRequest.parse(**given), list(given)), list(given)), None
    else:
        request, earlier = resolve(BeatRequest.parse(**given), list(given)), None
    for line in [*(brought.lines if brought else ()), *notes(understanding(request))]:
        print(f"note: {line}", file=sys.stderr)
    from typebeat.parts.writing import check_writable

    check_writable(Path(out))
    # 2. the model
    from typebeat.engines import Job
    from typebeat.engines.load import load_engines
    from typebeat.pipeline import make_pack

    engines = load_engines(settings, (*request.parts, *(("stems",) if brought else ())))
    for notice in engines.notices:
        print(f"note: {notice}", file=sys.stderr)
    for part, why in not_silenced(request, engines.beat.parts).items():
        print(f"note: {part} cannot be left out: {why}", file=sys.stderr)
    # 3. the pack
    pack = make_pack(request, engines, Path(out), Job(progress), of=earlier, reference=brought)
    progress.end()
    print(pack.folder, pack.zip, sep="\n")


def _brought(settings: Settings, reference: str | None, use: ReferenceOptions, of: str | None) -> Reference | None:
    """Reads and hears the reference; None if there is none."""
    if reference is None and not use.corrections:
        return None
    from typebeat.parts.own.refusals import check_together

    check_together(reference, use, of)
    from typebeat.engines.load import load_listeners
    from typebeat.parts.own.reading import bring, file_or_chords

    return bring(file_or_chords(str(reference)), use, load_listeners(settings).pitches)


def batch(settings: Settings, progress: ProgressLine, table: str, out: str, workers: str | None) -> None:
    """Makes a pack for each row of a table, exactly once: run again after whatever happened, it goes on.

    The columns are the options of make, and id, which names the pack's folder.
    """
    from typebeat.batch.runs import read_workers, run_batch
    from typebeat.batch.table import read_table

    rows = read_table(Path(table))
    done = run_batch(rows, Path(out), settings, read_workers(workers), lambda line: print(line, file=sys.stderr))
    print(out)
    if done.failed:
        raise FailedRows(f"{len(done.failed)} of {len(rows)} rows failed; {out}/failed.csv says why")


def analyze(settings: Settings, progress: ProgressLine, file: str, as_json: bool, **said: Any) -> None:
    """Measures a sound file: tempo, downbeat, bars, swing, key and level."""
    from typebeat.pipeline import analyze_file

    passport = analyze_file(Path(file), MidiOptions(**said))
    print(json.dumps(passport.facts(), indent=2) if as_json else "\n".join(passport.lines()))


def midi(settings: Settings, progress: ProgressLine, file: str, out: str, **options: Any) -> None:
    """Writes a sound file down as MIDI (drums, 808, melody and chords) and prints the names of the files."""
    # 1. everything that can be wrong, before anything slow
    wanted = MidiOptions(**options)
    # 2. the models
    from typebeat.engines import Job
    from typebeat.engines.load import load_listeners
    from typebeat.parts.midi import midi_of_file

    made = midi_of_file(Path(file), wanted, load_listeners(settings), Path(out), Job(progress))
    # 3. the files, and notes on them
    progress.end()
    passport = made.passport
    print(f"note: {passport.tempo_words}, {made.transcript.key or 'no key'}; stems: {made.method}", file=sys.stderr)
    print(f"note: {passport.written_words}", file=sys.stderr)
    for doubt in passport.doubts():
        print(f"note: {doubt}", file=sys.stderr)
    for part, why in made.missing.items():
        print(f"note: {part} is empty: {why}", file=sys.stderr)
    for written in made.files.values():
        print(written)


def cover(settings: Settings, progress: ProgressLine, out: str, no_title: bool, **options: Any) -> None:
    """Draws covers without a beat and prints the names of their files; further covers get a number in the name."""
    # 1. everything that can be wrong, before anything slow
    request = CoverRequest(**options | ({"title": NO_TITLE} if no_title else {})).resolved()
    from typebeat.parts.writing import check_writable, write_files

    file = Path(out)
    if file.suffix.lower() != ".png" or file.is_dir():
        raise RequestError("out", f"--out must name a PNG file such as cover.png, not {out!r}")
    check_writable(file.parent)
    # 2. the model
    from typebeat.engines import Job
    from typebeat.engines.load import load_cover_engine
    from typebeat.parts.cover import draw_covers

    engine = load_cover_engine(settings.cover)
    if engine.weights.notice:
        print(f"note: {engine.weights.notice}", file=sys.stderr)
    # 3. the covers
    covers = draw_covers(request, engine, Job(progress, doing="Drawing the cover"))
    files = [file, *(file.with_stem(f"{file.stem}_{number}") for number in range(2, len(covers) + 1))]
    write_files({path: drawn.png for path, drawn in zip(files, covers, strict=True)})
    progress.end()
    for path in files:
        print(path)


def weights(settings: Settings, progress: ProgressLine, choice: str | None = None) -> None:
    """Loads the weights and prints their names, their licences and where they come from.


    With the name of a repository or a folder: tells what that is and whether it plays, and fetches no weights.
    """
    from typebeat.engines.load import describe_weights, hub_entries, load_engines

    if choice:
        print("\n".join(describe_weights(choice)))
        return
    engines = load_engines(settings)
    parts = {"beat": engines.beat.weights} | ({"cover": engines.cover.weights} if engines.cover else {})
    for part, loaded in parts.items():
        print(f"{part}: {loaded.name}@{loaded.revision} from {loaded.source}, licence {loaded.licence}")
        choice = f"TYPEBEAT_{part.upper()}={getattr(settings, part)}"
        print(f"      on {loaded.device} in {loaded.precision}, chosen by {choice}")
        if loaded.notice:
            print(f"      note: {loaded.notice}")
    if engines.stems:
        print(f"stems: {engines.stems.method}")
    for part, why in engines.missing.items():
        print(f"{part}: none, {why}")
    print("on the Hub:")
    for entry in hub_entries():
        note = f" ({entry.note})" if entry.note else ""
        print(f"      {entry.repo}@{entry.revision}, {entry.size}, licence {entry.licence}: {entry.purpose}{note}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m typebeat",
        description=f"A line of text and a style in, a beat out. {DISCLAIMER}",
        epilog=f"example: {EXAMPLE}",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Typebeat {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)

    maker = commands.add_parser("make", help="make a beat pack", description=make.__doc__, allow_abbrev=False)
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
    maker.set_defaults(run=make)

    batcher = commands.add_parser(
        "batch", help="make a pack for each row of a table", description=batch.__doc__, allow_abbrev=False
    )
    batcher.add_argument("table", help="CSV, JSON Lines or Parquet")
    batcher.add_argument("--out", default="packs", metavar="FOLDER", help="folder for the packs (default: packs)")
    batcher.add_argument(
        "--workers",
        metavar="N",
        help="processes at once, each with 1.5 GB for the starter (default: one a core, on a GPU one in all)",
    )
    batcher.set_defaults(run=batch)

    measurer = commands.add_parser(
        "analyze", help="measure a sound file", description=analyze.__doc__, allow_abbrev=False
    )
    measurer.add_argument("file", help=SOUND_FILE)
    _add_midi_options(measurer, only=("bpm", "key", "metre", "downbeat", "bars"))
    measurer.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    measurer.set_defaults(run=analyze)

    writer = commands.add_parser(
        "midi", help="write a sound down as MIDI", description=midi.__doc__, allow_abbrev=False
    )
    writer.add_argument("file", help=SOUND_FILE)
    _add_midi_options(writer)
    writer.add_argument("--out", default="midi", metavar="FOLDER", help="folder for the MIDI files (default: midi)")
    writer.set_defaults(run=midi)

    drawer = commands.add_parser("cover", help="draw a cover", description=cover.__doc__, allow_abbrev=False)
    _add_options(drawer, CoverRequest)
    drawer.add_argument("--no-title", action="store_true", help="draw a cover without any text on it")
    drawer.add_argument("--out", default="cover.png", metavar="FILE", help="PNG file to write (default: cover.png)")
    drawer.set_defaults(run=cover)

    teller = commands.add_parser("weights", help="show which weights are used", description=weights.__doc__)
    teller.add_argument("choice", nargs="?", metavar="NAME", help="a Hub repository owner/name[@revision], or a folder")
    teller.set_defaults(run=weights)
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


def _what_the_system_says(error: OSError) -> str:
    where = f": {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full, nothing was written{where}"
    return f"{error.strerror or error}{where}"


def _what_went_wrong(error: Exception) -> str:
    """Returns an error of Typebeat's own as it is; of any other its kind and how to see more."""
    if type(error).__module__.startswith("typebeat."):
        return str(error)
    return f"{type(error).__name__}: {error} (TYPEBEAT_TRACEBACK=1 shows where)"


def _say(progress: ProgressLine, text: str, code: int) -> int:
    progress.end()
    print(f"typebeat: {' '.join(text.split())}", file=sys.stderr)
    return code
