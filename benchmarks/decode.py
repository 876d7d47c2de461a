"""Measures how fast audiocraft, transformers and Typebeat's decoder generate tokens, with the same random weights.

    python -m benchmarks.decode                    the whole table, about half an hour on two cores
    python -m benchmarks.decode --quick --json     two layers of the small shape, in one process

Each system (see decode_systems.py) runs in its own process, so that its peak memory can be measured. A step of several
takes, or of several requests side by side, counts once in steps/s. Requests side by side are measured in the precision
that is best here.
"""

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.decode_systems import (
    as_transformers,
    build_lm,
    run_audiocraft,
    run_own,
    run_transformers,
)
from benchmarks.report import RESULTS, make_parser, write_results
from benchmarks.tables import FRAME_RATE, table

PACE_STEPS = 20
COMPARED_STEPS = 16  # every run has as many; tests compare ten seconds of a small model
REQUESTS = 8  # side by side
SYSTEMS = ("audiocraft", "transformers", "fp32", "int8")


@dataclass(frozen=True)
class Job:
    """A system to measure, with shape, number of takes of a request, length, and number of requests side by side."""

    system: str
    shape: str
    takes: int
    steps: int
    runs: int
    requests: int = 1


def jobs(quick: bool) -> list[Job]:
    """Returns the jobs: ten seconds of tokens for the decoder on the small shape, and less for slow systems.

    Steps get slower as the sequence grows, so shorter runs favour the other systems.
    """
    if quick:
        wanted = [("audiocraft", 1), ("audiocraft", 4), ("transformers", 1), ("fp32", 1), ("int8", 1), ("int8", 4)]
        return [Job(system, "quick", takes, 16, 1) for system, takes in wanted] + side_by_side("quick", 16)
    own = ("fp32", "int8")
    runs = {"transformers": 1, "fp32": 1}
    small = [Job(s, "small", 1, 10 * FRAME_RATE if s in own else FRAME_RATE, runs.get(s, 3)) for s in SYSTEMS]
    ten = ("audiocraft", "int8")  # the systems that `int8_ratio_4` compares
    small += [Job(s, "small", 4, (10 if s in ten else 1) * FRAME_RATE, 3 if s == "int8" else 1) for s in SYSTEMS]
    small += side_by_side("small", 2 * FRAME_RATE)
    return small + [Job(s, "medium", n, FRAME_RATE // 2, 1) for s in ("audiocraft", "int8") for n in (1, 4)]


def side_by_side(shape: str, steps: int) -> list[Job]:
    """Returns one request alone and several at once, in the best precision; one after the other, to be compared."""
    import torch

    from typebeat.engines.beat.linear import best_precision

    return [Job(best_precision(torch.float32, "cpu"), shape, 1, steps, 1, requests) for requests in (1, REQUESTS)]


def work(job: Job) -> dict:
    """Runs a job in this process and returns its row."""
    lm = build_lm(job.shape)
    marks: list[float] = []
    if job.system == "audiocraft":
        run = lambda steps: run_audiocraft(lm, job.takes, steps)  # noqa: E731
    elif job.system == "transformers":
        model = as_transformers(lm, job.shape)
        run = lambda steps: run_transformers(model, lm, job.takes, steps)  # noqa: E731
    else:
        from typebeat.engines.beat.decoder import Decoder

        decoder = Decoder(lm, job.system)
        lm.transformer.layers = lm.transformer.layers[
            :1
        ]  # the weights are packed, and one layer suffices for the configuration
        run = lambda steps: run_own(decoder, lm, job.takes, steps, marks, job.requests)  # noqa: E731
    run(4)  # warm up
    seconds = []
    for _ in range(job.runs):
        marks.clear()
        begun = time.perf_counter()
        tokens = run(job.steps)
        seconds.append(time.perf_counter() - begun)
    speed = job.steps / statistics.median(seconds)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    compared = tokens[0, :, :COMPARED_STEPS].numpy().astype("<i8")
    digest = hashlib.sha256(compared.tobytes()).hexdigest()
    paces = [PACE_STEPS / (marks[i + PACE_STEPS] - marks[i]) for i in range(0, len(marks) - PACE_STEPS, PACE_STEPS)]
    return {**asdict(job), "steps_per_s": speed, "peak_mb": peak_mb, "tokens": digest, "paces": paces}


def plot(rows: list[dict], path: Path) -> None:
    """Plots steps/s against the length of the sequence, with a line for each precision and batch."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for row in rows:
        if row["shape"] == "small" and row["requests"] == 1 and row["paces"]:
            at = [PACE_STEPS * (i + 0.5) for i in range(len(row["paces"]))]
            axes.plot(at, row["paces"], marker="o", markersize=3, label=f"{row['system']}, {row['takes']} x")
    axes.set(xlabel="steps", ylabel="steps/s", title="MusicGen-small's shape, two cores")
    axes.axhline(FRAME_RATE, color="grey", linewidth=0.8, linestyle="--", label="real time")
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path, dpi=110)


def read_bandwidth() -> float:
    """Returns the speed of reading 1.4 GB of memory with all cores, in GB/s."""
    import torch

    block = torch.ones(350_000_000)
    begun = time.perf_counter()
    for _ in range(3):
        block.sum()
    return 3 * block.numel() * 4 / (time.perf_counter() - begun) / 1e9


def measure_starter(quick: bool) -> dict[str, float]:
    """Returns the speed of the starter's engine, and the difference between int8 and fp32."""
    import torch

    from typebeat.engines import BeatConditions, Job
    from typebeat.engines.beat.conditions import condition_tensors
    from typebeat.engines.beat.decoder import Decoder
    from typebeat.engines.beat.loading import load_models
    from typebeat.engines.load import load_beat_engine
    from typebeat.engines.locate import STARTER_FOLDER

    engine = load_beat_engine("starter")
    asked, seconds = BeatConditions("dark bells over a slow 808", 140, "F minor"), 4.0 if quick else 13.7
    engine.generate(asked, 1.0, [0, 1, 2, 3])  # warm up
    figures = {}
    for takes, name in ((1, "starter_x"), (4, "starter_x4")):
        first: list[float] = []
        begun = time.perf_counter()
        job = Job(hear=lambda _, b=begun, f=first: f.append(time.perf_counter() - b))
        engine.generate(asked, seconds, list(range(takes)), job=job)
        figures[name] = takes * seconds / (time.perf_counter() - begun)
        figures.setdefault("starter_first_sound_s", first[0])
    lm, steps = load_models(STARTER_FOLDER, "cpu").lm, 100 if quick else 300
    logits = []
    with torch.inference_mode():
        tensors = condition_tensors(lm, asked)
        codes = engine.codec.encode(torch.from_numpy(engine.generate(asked, steps / 25, [0])[0].samples)[None])[0]
        for precision in ("fp32", "int8"):
            decoder = Decoder(lm, precision)
            session = decoder.start(tensors, 1, steps)
            rows = [decoder.step(session, codes[..., i : i + 1])[0, 0] for i in range(steps)]
            logits.append(torch.log_softmax(torch.stack(rows), dim=-1))
    exact, rounded = logits
    figures["int8_kl_nats"] = float((exact.exp() * (exact - rounded)).sum(-1).mean())
    figures["int8_same_likeliest"] = float((exact.argmax(-1) == rounded.argmax(-1)).float().mean())
    return figures


def figures_of(rows: list[dict]) -> dict[str, float]:
    """Returns the ratios between the systems for the small shape, or for two layers of it."""
    rows = [row for row in rows if row["shape"] != "medium"]
    by = {(row["system"], row["takes"]): row for row in reversed(rows)}
    speed = {key: row["steps_per_s"] for key, row in by.items()}
    alone, together = (row["steps_per_s"] * row["requests"] for row in rows[-2:])
    return {
        "tokens_equal": float(by["fp32", 1]["tokens"] == by["audiocraft", 1]["tokens"]),
        "fp32_ratio": speed["fp32", 1] / speed["audiocraft", 1],
        "int8_ratio": speed["int8", 1] / speed["audiocraft", 1],
        "int8_ratio_4": speed["int8", 4] / speed["audiocraft", 4],
        "transformers_ratio": speed["int8", 1] / speed["transformers", 1],
        "requests_ratio_8": together / alone,
    }


def run(job: Job, *, is_apart: bool) -> dict:
    """Returns the row of a job, from a process of its own if it is to be apart."""
    if not is_apart:
        return work(job)
    command = [sys.executable, "-m", "benchmarks.decode", "--job", json.dumps(asdict(job))]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{job} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measures, then prints and writes the results."""
    parser = make_parser(__doc__)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.job:
        print(json.dumps(work(Job(**json.loads(args.job)))))
        return
    bandwidth = read_bandwidth()
    starter = measure_starter(args.quick)
    rows: list[dict] = []
    for job in jobs(args.quick):
        rows.append(run(job, is_apart=not args.quick))
        beside = f"{job.requests} requests, " if job.requests > 1 else ""
        print(f"{job.shape} x {job.takes}, {beside}{job.system}: {rows[-1]['steps_per_s']:.1f} steps/s", flush=True)
        is_small_done = len(rows) >= len([j for j in jobs(args.quick) if j.shape != "medium"])
        if not is_small_done:
            continue
        figures = {**figures_of(rows), **starter}
        result = {**figures, "bandwidth_gb_s": bandwidth, "rows": rows}
        if not args.quick:
            write_results("decode", result)
            plot(rows, RESULTS / "decode.png")
    print(table("decode", result))
    if args.json:
        print(json.dumps({**figures, "n_steps": rows[0]["steps"], "n_runs": rows[0]["runs"]}))


if __name__ == "__main__":
    main()
