"""Makes the sounds on the page's style cards: one short beat a style by the starter that ships, as small MP3 files.

    python -m training.starter.samples

Nothing is chosen by hand but the words and the seeds below; the files land in `typebeat/page/assets/samples`.
"""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path

import soundfile

from typebeat.engines import Engines
from typebeat.engines.load import load_beat_engine
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

BEATS = (
    BeatRequest("dark bells over a slow 808", "travis-scott", 140, "F minor", bars=4, seed=7, parts=("beat",)),
    BeatRequest("warm detuned keys and a humming lead", "kid-cudi", 84, "D minor", bars=4, seed=3, parts=("beat",)),
    BeatRequest("glossy plucks and crisp claps", "don-toliver", 122, "F# minor", bars=4, seed=11, parts=("beat",)),
)
BITRATE_LEVEL = 0.55  # of libsndfile's MP3 writer, 0 best to 1 smallest
LARGEST_BYTES = 200_000


def main() -> None:
    """Makes and writes all of them."""
    out = Path(str(files("typebeat") / "page" / "assets" / "samples"))
    out.mkdir(exist_ok=True)
    engines = Engines(load_beat_engine("starter"))
    for request in BEATS:
        with tempfile.TemporaryDirectory() as folder:
            samples, rate = soundfile.read(make_pack(request, engines, Path(folder)).takes[0])
        file = out / f"{request.style}.mp3"
        soundfile.write(file, samples, rate, format="MP3", compression_level=BITRATE_LEVEL)
        size = file.stat().st_size
        if size > LARGEST_BYTES:
            raise SystemExit(f"{file.name} has {size} bytes; {LARGEST_BYTES} are allowed")
        print(f"{file.name}: {len(samples) / rate:.2f} s, {size} bytes")


if __name__ == "__main__":
    main()
