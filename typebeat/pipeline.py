"""Makes a beat pack step by step, in the order in which data flows.

Each step is a module of its own. No model is loaded here: page and command line do that, once.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from typebeat.engines import UNWATCHED, BeatConditions, Engines, Job, Stems, Stopped, without_paths
from typebeat.hearing.passport import Passport
from typebeat.parts import MadePart, PartMissing
from typebeat.parts.again import INHERITED, kept_tokens, lineage, parent_of, settled_with, tokens_text
from typebeat.parts.beat import make_takes, rank, with_defaults_of_weights
from typebeat.parts.cover import make_cover
from typebeat.parts.handover import handover_files
from typebeat.parts.midi import make_midi, measure_stated
from typebeat.parts.own import Reference
from typebeat.parts.own.arranging import Arrangement, arrange, check_played
from typebeat.parts.own.keeping import check_same
from typebeat.parts.own.settling import settled_by
from typebeat.parts.pack import BeatPack, Recipe, Take, pack_name, write_pack
from typebeat.parts.stems import make_stems, stems_of
from typebeat.parts.writing import check_writable
from typebeat.request.captions import model_caption
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import PARTS
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import CompleteRequest, resolve
from typebeat.request.styles import DISCLAIMER
from typebeat.request.understanding import asked, left_out, not_silenced, silenced, understanding
from typebeat.sound.files import read_audio
from typebeat.version import __version__

LONGEST_REASON = 160  # characters of an error in a recipe
# name in the recipe -> installed package
LIBRARIES = {"torch": "torch", "audiocraft": "tts-webui-audiocraft", "diffusers": "diffusers"}
DOING = {"stems": "Splitting stems", "midi": "Writing MIDI", "cover": "Drawing the cover"}
UNSAID = MidiOptions()  # nothing is said about a sound
PLAYED_DOING = {**DOING, "stems": "Writing stems"}  # of a beat whose parts the model played apart


def make_pack(
    request: BeatRequest,
    engines: Engines,
    out: Path,
    job: Job = UNWATCHED,
    of: Recipe | None = None,
    reference: Reference | None = None,
) -> BeatPack:
    """Makes the pack that is asked for and writes it into `out`.

    Args:
        request: What is asked for; what it leaves open is decided here.
        engines: The models, loaded.
        out: The folder that gets the pack's folder and ZIP; made if need be.
        job: Gets every step, and the first take piece by piece as the model makes it: not mastered, and as long as the
            model plays. Once it is stopped nothing is written.
        of: The recipe of an earlier beat, whose parts stay but for those of `request.again`.
        reference: What the beat is made around; what the request leaves open is settled by it. With `of` it is the
            sound that the earlier beat is made around, if there is one.

    Raises:
        RequestError: the prompt's words ask for what is not allowed, so many takes do not fit into memory, or the
            reference cannot be used with this request or these weights.
        BrokenAudioError: the model made silence, or what is no number.
        OSError: `out` cannot be written; no half pack is left.
    """
    # 1. settle what was left open, and see that the result has somewhere to go
    parent = parent_of(request, of)
    if parent:
        check_same(parent.sample, reference)
    elif reference:
        request = settled_by(reference, request)
    request = resolve(settled_with(parent, request), given=INHERITED) if parent else resolve(request)
    request = with_defaults_of_weights(request, engines.beat)
    kept = kept_tokens(parent, request.again, engines.beat) if parent else {}
    check_writable(out)

    # 2. what the model is asked for, and what it plays around
    arranged = arrange(reference, request, engines, job)
    if parent and parent.sample:
        check_played(request.again, arranged, engines.beat.parts)
        arranged = replace(arranged, gain=parent.sample.gain)
    more = "" if engines.beat.parts else arranged.words()
    caption = model_caption(request.prompt, request.style, request.bpm, request.key, engines.beat.concepts, more)
    silent = silenced((*left_out(request), *arranged.left_out), engines.beat.parts)
    conditions = BeatConditions(
        *(caption, request.bpm, request.key),
        given=arranged.given,
        left_out=silent,
        kept=kept,
        adapter_strength=request.adapter_strength,
        melody=arranged.melody,
        style=arranged.style,
    )

    # 3. the takes, each from its own seed: sound, measured, fitted to the grid, mixed and mastered
    like = parent.fit if parent and kept else None
    takes = make_takes(request, conditions, engines.beat, job, like=like, arranged=arranged)
    job.check()

    # 4. what is made from the best take; a part that fails is named as missing and costs nobody the beat
    best = takes[rank(takes).index(1)]
    parts = _make_parts(request, best, engines, arranged, job)
    best_first = sorted(takes, key=lambda take: take is not best)

    # 5. the pack
    files = {name: content for part in parts.values() for name, content in part.files.items()}
    recipe = recipe_of(request, caption, engines, takes, parts, reference) | lineage(parent, request)
    sounds = {take.file_name: take.audio for take in best_first}
    files |= handover_files(sounds, parts, recipe)
    return write_pack(out, pack_name(request), takes, files, recipe)


def _make_parts(
    request: CompleteRequest, take: Take, engines: Engines, arranged: Arrangement, job: Job
) -> dict[str, MadePart]:
    """Makes the parts that are asked for beside the beat; returns them by name."""
    made: dict[str, MadePart] = {}
    stems: Stems | None = None
    for number, part in enumerate(wanted := request.parts[1:]):
        job = replace(job, doing=(PLAYED_DOING if take.stems else DOING)[part], hear=None)
        job.step(number, len(wanted))
        try:
            if part == "cover":
                made[part] = make_cover(request, engines, job)
            else:
                stems = stems or stems_of(take, engines, job)
                made[part] = (
                    make_stems(stems, take.tags, take.parts)
                    if part == "stems"
                    else make_midi(take.audio, stems, engines, take.passport, job, take.parts, arranged)
                )
        except Stopped:
            raise
        except PartMissing as why:
            made[part] = MadePart({}, missing={part: str(why)})
        except Exception as error:  # whatever it is, the beat is made; recipe and log say what happened
            logging.getLogger(__name__).exception("%s failed", part)
            reason = " ".join(without_paths(f"{type(error).__name__}: {error}").split())[:LONGEST_REASON]
            made[part] = MadePart({}, missing={part: f"it could not be made ({reason})"})
        job.check()
    return made


def recipe_of(
    request: CompleteRequest,
    caption: str,
    engines: Engines,
    takes: tuple[Take, ...],
    parts: dict[str, MadePart],
    reference: Reference | None = None,
) -> Recipe:
    """Returns what `recipe.json` holds: everything that makes these bytes again, and no clock time.

    The options of the request stand at the top level, under their own names.
    """
    ranks = rank(takes)
    best = takes[ranks.index(1)]
    wanted = asked(request)
    tokens = best.tokens if best.parts and engines.beat.parts else None
    files = [
        {
            "name": take.file_name,
            "part": "beat",
            "take": take.number,
            "seed": take.seed,
            "seconds": take.audio.seconds,
            "samples": take.audio.length,
            "sample_rate": take.audio.sample_rate,
            "rank": place,
            "measured": _measured(take, wanted),
            **take.facts,
        }
        for take, place in zip(takes, ranks, strict=True)
    ]
    files += [{"name": name, "part": part} for part, made in parts.items() for name in made.files]
    missing = [{"part": name, "why": why} for made in parts.values() for name, why in made.missing.items()]
    missing += [{"part": f"tempo of take {take.number}", "why": take.miss} for take in takes if take.miss]
    unsilenced = not_silenced(request, engines.beat.parts)
    missing += [{"part": f"no {part}", "why": why} for part, why in unsilenced.items()]
    missing += [{"part": name, "why": "not asked for"} for name in PARTS if name not in request.parts]
    return {
        **asdict(request),
        "parts": list(request.parts),
        "again": list(request.again),
        "caption": caption,
        "asked": wanted,
        "chosen": request.chosen_values,
        **understanding(request),
        "best_take": best.number,
        "measured": {"bpm": round(best.passport.grid.bpm, 2), "key": best.passport.key},
        "seconds": best.audio.seconds,
        "weights": {"beat": asdict(engines.beat.weights)},
        **({"reference": _about(reference, best)} if reference else {}),
        **({} if tokens is None else {"tokens": tokens_text(tokens), "fit": asdict(best.fit)}),
        "versions": {"typebeat": __version__, **{name: _version(package) for name, package in LIBRARIES.items()}},
        **{part: made.facts for part, made in parts.items() if made.facts},
        "files": files,
        "missing": missing,
        "about": f"Made by a machine. {_about_sample(reference)}{DISCLAIMER}",
    }


def _about(reference: Reference, best: Take) -> dict[str, Any]:
    return {**reference.facts(), **({"gain": best.gain} if reference.stays else {})}


def _about_sample(reference: Reference | None) -> str:
    return (
        f"It holds the sample {reference.name!r}, whose rights stay with its owner. "
        if reference and reference.stays
        else ""
    )


def _measured(take: Take, wanted: dict[str, Any]) -> dict[str, Any]:
    """Returns what a take measures, compared with no more than what was asked for."""
    open_ones = [name for name, value in wanted.items() if value is None]
    return (
        take.passport.facts()
        | {f"{name}_hit": None for name in open_ones}
        | {f"asked_{name}": None for name in open_ones}
    )


def analyze_file(path: Path, said: MidiOptions = UNSAID) -> Passport:
    """Measures a sound file; what is said about its time is kept, and its key is compared.

    Raises:
        RequestError: the file cannot be used.
    """
    return measure_stated(read_audio(path), said)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
