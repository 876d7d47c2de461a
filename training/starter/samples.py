"""Makes the sounds that readers hear: a short beat a style for the page, ten seconds of six beats for `docs/`.

    python -m training.starter.samples

Nothing is chosen by hand but the words and the seeds below. They land in `typebeat/page/assets/samples` and
`docs/samples`, as small MP3 files.
"""

from __future__ import annotations

import argparse
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import soundfile

from typebeat.engines import Engines
from typebeat.engines.load import load_beat_engine
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

PAGE, DOCS = (
    Path(str(files("typebeat") / "page" / "assets" / "samples")),
    Path(__file__).parents[2] / "docs" / "samples",
)


def _beat(words: str, style: str, bpm: float, key: str, bars: int, seed: int) -> BeatRequest:
    return BeatRequest(words, style, bpm, key, bars=bars, seed=seed, parts=("beat",))


ON_PAGE = (
    _beat("dark trap, bells lead, slow 808", "travis-scott", 140, "F minor", 4, 7),
    _beat("warm boom bap, electric piano chords, hummed melody", "kid-cudi", 84, "D minor", 4, 3),
    _beat("glossy r&b, pluck melody, crisp claps", "don-toliver", 122, "F# minor", 4, 11),
)
IN_DOCS = {  # name of the file -> what is asked for; each lasts more than ten seconds
    "trap_flute": _beat("dark trap, flute melody, piano chords, gliding 808", "travis-scott", 142, "C# minor", 8, 21),
    "drill_strings": _beat(
        "cold drill, strings melody, choir chords, sliding 808", "travis-scott", 144, "G minor", 8, 22
    ),
    "boom_bap_guitar": _beat("nostalgic boom bap, nylon guitar melody, upright bass", "kid-cudi", 88, "A minor", 4, 23),
    "lo_fi_piano": _beat("calm lo-fi, felt piano chords, vibraphone melody, vinyl", "kid-cudi", 78, "E minor", 4, 24),
    "jersey_club_vocal_chop": _beat("playful jersey club, vocal chop melody", "don-toliver", 138, "B minor", 8, 25),
    "afro_marimba": _beat("warm afrobeats, marimba melody, guitar chords", "don-toliver", 106, "D minor", 6, 26),
}
SECONDS, FADE_SECONDS = 10.0, 0.5
BITRATE_LEVEL = 0.55  # of libsndfile's MP3 writer, 0 best to 1 smallest
LARGEST_BYTES = 200_000


def make_sample(file: Path, request: BeatRequest, engines: Engines, seconds: float | None = None) -> None:
    """Makes a beat and writes it, or its first seconds faded out, as MP3."""
    with tempfile.TemporaryDirectory() as folder:
        samples, rate = soundfile.read(make_pack(request, engines, Path(folder)).takes[0])
    if seconds:
        samples = samples[: round(seconds * rate)]
        fade = round(FADE_SECONDS * rate)
        samples[-fade:] *= np.linspace(1, 0, fade)[:, None]
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, samples, rate, format="MP3", compression_level=BITRATE_LEVEL)
    size = file.stat().st_size
    if size > LARGEST_BYTES:
        raise SystemExit(f"{file.name} has {size} bytes; {LARGEST_BYTES} are allowed")
    print(f"{file.name}: {len(samples) / rate:.2f} s, {size} bytes", flush=True)


def main() -> None:
    """Makes and writes all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--weights", default="starter", metavar="FOLDER", help="starter to use (default: the shipped one)"
    )
    engines = Engines(load_beat_engine(parser.parse_args().weights))
    for request in ON_PAGE:
        make_sample(PAGE / f"{request.style}.mp3", request, engines)
    for name, request in IN_DOCS.items():
        make_sample(DOCS / f"{name}.mp3", request, engines, SECONDS)


if __name__ == "__main__":
    main()
