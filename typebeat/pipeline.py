"""The job, in the order in which data flows: what is asked for, what a model makes of it, what is handed over.

This is the table of contents; each step is a module of its own. It loads no model (the doors do, once) and knows
no page and no command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from typebeat import __version__
from typebeat.audio import SAMPLE_RATE, Audio, WavTags, cut, loop_length, resample
from typebeat.conditioning import beat_caption
from typebeat.engines import BeatConditions, BeatEngine, Hear, Stopped, Weights
from typebeat.mastering import BrokenAudioError, is_silent, master
from typebeat.pack import BeatPack, Take, check_writable, pack_name, write_pack
from typebeat.request import BEATS_PER_BAR, LATER_PARTS, BeatRequest, resolve
from typebeat.styles import DISCLAIMER, STYLES

SPARE_SECONDS = 0.01  # asked for beyond the loop, since another sample rate rounds its length
LIBRARIES = {"torch": "torch", "audiocraft": "tts-webui-audiocraft"}  # name in the recipe -> installed package

Report = Callable[[int, int, str], None]  # steps done, steps needed, what is happening


def make_pack(
    request: BeatRequest,
    engine: BeatEngine,
    out: Path,
    *,
    progress: Report | None = None,
    should_stop: Callable[[], bool] | None = None,
    hear: Hear | None = None,
) -> BeatPack:
    """Makes the pack that is asked for and writes it into `out`.

    Args:
        request: What is asked for; what it leaves open is decided here.
        engine: The beat model, loaded.
        out: The folder that gets the pack's folder and ZIP; made if need be.
        progress: Gets the exact steps done and needed, and a few words; called in this thread.
        should_stop: Asked between steps; once it says True nothing is written.
        hear: Gets the first take piece by piece while it is made, as the model makes it: not mastered, and as long as
            the model plays.

    Raises:
        RequestError: the prompt's words ask for what is not allowed, or so many takes do not fit into memory.
        Stopped: `should_stop` said so.
        BrokenAudioError: the model made silence, or what is no number.
        OSError: `out` cannot be written; no half pack is left.
    """
    # 1. settle what was left open, and see that the result has somewhere to go
    request = resolve(request)
    check_writable(out)

    # 2. what the model is asked for
    caption = beat_caption(request.prompt, request.style, request.bpm, request.key)
    conditions = BeatConditions(caption, request.bpm, request.key)

    # 3. the takes, each from its own seed: sound, cut to whole bars, mastered
    doing = f"Making {request.takes} takes" if request.takes > 1 else "Making the beat"
    sounds = engine.generate(
        conditions,
        request.seconds + SPARE_SECONDS,
        request.take_seeds,
        guidance=request.guidance,
        temperature=request.temperature,
        top_k=request.top_k,
        progress=progress and (lambda done, needed: progress(done, needed, doing)),
        should_stop=should_stop,
        hear=hear,
    )
    takes = []
    for number, (seed, audio) in enumerate(zip(request.take_seeds, sounds, strict=True), start=1):
        takes.append(_finish(audio, request, number, seed, engine.weights))
    if should_stop and should_stop():
        raise Stopped

    # 4. the pack
    finished = tuple(takes)
    return write_pack(out, pack_name(request), finished, recipe_of(request, caption, engine.weights, finished))


def recipe_of(request: BeatRequest, caption: str, weights: Weights, takes: tuple[Take, ...]) -> dict[str, Any]:
    """What `recipe.json` holds: all that makes these bytes, and no clock time.

    The options of the (resolved) request stand at the top level, under their own names.
    """
    files = [
        {
            "name": take.file_name,
            "part": "beat",
            "take": take.number,
            "seed": take.seed,
            "seconds": take.audio.seconds,
            "samples": take.audio.length,
            "sample_rate": take.audio.sample_rate,
        }
        for take in takes
    ]
    return {
        **asdict(request),
        "parts": list(request.parts),
        "caption": caption,
        "asked": {"bpm": request.bpm, "key": request.key},
        "seconds": takes[0].audio.seconds,
        "weights": {"beat": asdict(weights)},
        "versions": {"typebeat": __version__, **{name: _version(package) for name, package in LIBRARIES.items()}},
        "files": files,
        "missing": [{"part": part, "why": "this version does not make it yet"} for part in LATER_PARTS],
        "about": f"Made by a machine. {DISCLAIMER}",
    }


def _finish(audio: Audio, request: BeatRequest, number: int, seed: int, weights: Weights) -> Take:
    """Cuts what the model made to whole bars, masters it, and says in tags what it is."""
    loop = cut(resample(audio, SAMPLE_RATE), loop_length(request.bars, BEATS_PER_BAR, request.bpm))
    loop = master(loop)
    if is_silent(loop):
        raise BrokenAudioError(f"the model made silence from seed {seed}; try another seed")
    facts = f"{request.bpm:g} BPM, {request.key}"
    tags = WavTags(
        title=f"{STYLES[request.style].name} beat, {facts}" + (f", take {number}" if number > 1 else ""),
        bpm=request.bpm,
        key=request.key,
        beats=request.bars * BEATS_PER_BAR,
        genre=STYLES[request.style].name,
        software=f"Typebeat {__version__}",
        licence=f"made with weights under the licence {weights.licence}",
        comment=f"{facts}, {request.bars} bars, seed {seed}, {weights.name}@{weights.revision}. "
        f"Made by a machine. {request.prompt}".strip(),
    )
    return Take(number, seed, loop, tags)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
