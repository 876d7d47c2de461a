"""Measures the decoder and the starter on a processor without VNNI, where the decoder keeps its weights in fp16.

    python -m benchmarks.old_processors                    the whole table, about five minutes on two cores
    python -m benchmarks.old_processors --quick --json     a small part of it, in under a minute

Each figure of speed is that of fp16 weights beside fp32 in the same run, the two taking turns. On a processor with VNNI
it measures the same kernels, which are not used there.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.decode_systems import build_lm
from benchmarks.report import leave, processor, read_options
from typebeat.engines import BeatConditions, BeatEngine
from typebeat.engines.load import load_beat_engine, load_engines
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest
from typebeat.request.settings import Settings
from typebeat.request.settled import resolve

ASKED = BeatConditions("dark bells over a slow 808", 140, "F minor")


def steps_per_s(lm, takes: int, steps: int, rounds: int) -> dict[str, float]:
    """Returns for fp32 and fp16 weights how many steps a second are drawn, the best of several rounds."""
    import torch

    from typebeat.engines.beat.decoder import Decoder
    from typebeat.engines.beat.linear import FP16_WEIGHTS
    from typebeat.engines.beat.musicgen import condition_tensors

    decoders = {name: Decoder(lm, name) for name in ("fp32", FP16_WEIGHTS)}
    tokens = torch.randint(lm.card, (takes, lm.num_codebooks, steps), generator=torch.Generator().manual_seed(0))
    best = dict.fromkeys(decoders, float("inf"))
    with torch.inference_mode():
        tensors = condition_tensors(lm, ASKED)
        for _ in range(rounds):
            for name, decoder in decoders.items():
                session = decoder.start(tensors, takes, steps)
                decoder.step(session, tokens[..., :1])  # warm up
                begun = time.perf_counter()
                for i in range(1, steps):
                    decoder.step(session, tokens[..., i : i + 1])
                best[name] = min(best[name], time.perf_counter() - begun)
    return {name: (steps - 1) / seconds for name, seconds in best.items()}


def divergence(engine: BeatEngine, lm: Any, steps: int) -> float:
    """Returns the mean KL divergence of fp16 weights from fp32 on the starter's own tokens, in nats."""
    import torch

    from typebeat.engines.beat.decoder import Decoder
    from typebeat.engines.beat.linear import FP16_WEIGHTS
    from typebeat.engines.beat.musicgen import condition_tensors

    logits = []
    tokens = torch.from_numpy(engine.generate(ASKED, steps / 25, [0])[0].tokens).long()[None, :, :steps]
    with torch.inference_mode():
        tensors = condition_tensors(lm, ASKED)
        for name in ("fp32", FP16_WEIGHTS):
            decoder = Decoder(lm, name)
            session = decoder.start(tensors, 1, steps)
            rows = [decoder.step(session, tokens[..., i : i + 1])[0, 0] for i in range(tokens.shape[-1])]
            logits.append(torch.log_softmax(torch.stack(rows), dim=-1))
    exact, rounded = logits
    return float((exact.exp() * (exact - rounded)).sum(-1).mean())


def whole_pack(bars: int) -> dict[str, float]:
    """Returns how long a whole pack takes beside how long it plays, and how fast its drafts are made."""
    engines = load_engines(Settings(beat="starter", cover="starter"))
    engines.beat.generate(ASKED, 1.0, [0])  # warm up
    request = resolve(BeatRequest("dark bells over a slow 808", "travis-scott", 140, "F minor", bars, seed=7))
    begun = time.perf_counter()
    engines.beat.generate(ASKED, request.seconds, [0, 1, 2, 3])
    drafts_s = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        pack = make_pack(replace(request), engines, Path(folder))
        pack_s = time.perf_counter() - begun
        missing = len([each for each in pack.recipe["missing"] if each["why"] != "not asked for"])
    return {
        "realtime_x4": request.seconds / drafts_s,
        "pack_s": pack_s,
        "pack_plays_s": request.seconds,
        "pack_missing": missing,
    }


def main() -> None:
    """Measures, then prints and writes the results."""
    from typebeat.engines.beat.loading import load_models
    from typebeat.engines.locate import STARTER_FOLDER

    options = read_options(__doc__)
    quick = options.quick
    begun = time.perf_counter()
    engine = load_beat_engine("starter")
    figures = {"load_s": time.perf_counter() - begun}
    lm = load_models(STARTER_FOLDER, "cpu").lm
    figures["fp16_kl_nats"] = divergence(engine, lm, 50 if quick else 250)
    for takes in (1, 4):
        speed = steps_per_s(lm, takes, 40 if quick else 150, 3)
        figures[f"starter_fp16_steps_s_{takes}"] = speed["fp16 weights"]
        figures[f"starter_fp16_ratio_{takes}"] = speed["fp16 weights"] / speed["fp32"]
    if not quick:
        small = build_lm("small")
        for takes in (1, 4):
            speed = steps_per_s(small, takes, 16, 3)
            figures[f"small_fp16_steps_s_{takes}"] = speed["fp16 weights"]
            figures[f"small_fp16_ratio_{takes}"] = speed["fp16 weights"] / speed["fp32"]
        del small
    figures |= whole_pack(2 if quick else 8)
    leave("old_processors", {"processor": processor(), **figures}, options)


if __name__ == "__main__":
    main()
