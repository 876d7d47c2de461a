"""What each command does: it checks all before it loads a model, then makes and writes files, and prints them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typebeat.cli.progress import ProgressLine
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.reference import OPTIONS as REFERENCE_OPTIONS
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import NO_TITLE, BeatRequest
from typebeat.request.settings import Settings
from typebeat.request.settled import resolve
from typebeat.request.understanding import not_silenced, notes, preview, understanding

if TYPE_CHECKING:
    from typebeat.parts.own import Reference
    from typebeat.parts.pack import Recipe


class FailedRows(Exception):
    """Some rows of a batch could not be made; all others are."""


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
    earlier = _earlier(of)
    brought = _brought(settings, reference, use, earlier)
    if dry_run:
        print(json.dumps(_foretold(None if earlier else brought, given), ensure_ascii=False))
        return
    if earlier or "again" in given:
        from typebeat.parts.again import settle

        request = settle(given, earlier)
    elif brought:
        from typebeat.parts.own.settling import settled_by, wish_of

        given = wish_of(brought, given)
        request = resolve(settled_by(brought, BeatRequest.parse(**given), list(given)), list(given))
    else:
        request = resolve(BeatRequest.parse(**given), list(given))
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


def _earlier(of: str | None) -> Recipe | None:
    """Reads the recipe of the beat whose parts are kept; None if there is none."""
    if not of:
        return None
    from typebeat.parts.recipes import read_recipe

    return read_recipe(Path(of))


def _brought(
    settings: Settings, reference: str | None, use: ReferenceOptions, earlier: Recipe | None
) -> Reference | None:
    """Reads and hears the reference, that of an earlier beat as it was used there; None if there is none."""
    if reference is None and not use.corrections and earlier is None:
        return None
    from typebeat.parts.own.keeping import check_kept, kept_sample
    from typebeat.parts.own.refusals import check_together

    check_together(reference, use, earlier)
    if earlier is not None:
        kept = kept_sample(earlier)
        check_kept(kept, reference)
        use = kept.options if kept else use
    if reference is None:
        return None
    from typebeat.engines.load import load_listeners
    from typebeat.parts.own.reading import bring, file_or_chords

    return bring(file_or_chords(str(reference)), use, load_listeners(settings).pitches)


def _foretold(brought: Reference | None, given: dict[str, Any]) -> dict[str, Any]:
    """What would be made, and of a reference what was heard."""
    if brought is None:
        return preview(BeatRequest.parse(**given), list(given))
    from typebeat.parts.own.foretelling import foretold

    return foretold(brought, given, list(given))


def batch(
    settings: Settings,
    progress: ProgressLine,
    table: str,
    out: str,
    workers: str | None,
    address: str | None,
    shards: bool,
) -> None:
    """Makes a pack for each row of a table, exactly once: run again after whatever happened, it goes on.

    The columns are the options of make, and id, which names the pack's folder.
    """
    from typebeat.batch.runs import read_workers, run_batch
    from typebeat.batch.table import read_table

    rows = read_table(Path(table))
    wanted = read_workers(workers, address)
    done = run_batch(
        *(rows, Path(out), settings, wanted, lambda line: print(line, file=sys.stderr)),
        address=address,
        in_shards=shards,
    )
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
        if loaded.base:
            print(f"      an adapter on {loaded.base}")
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
