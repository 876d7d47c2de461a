"""Makes beats from the same prompts and seeds before and after a training, and a page to compare them on."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile

from training.data.records import BeatClip
from training.runs.files import write_whole
from training.runs.run_record import TrainedModel
from typebeat.engines import BeatConditions, Weights
from typebeat.engines.beat.linear import best_precision
from typebeat.engines.beat.musicgen import MusicGenEngine

if TYPE_CHECKING:
    from typebeat.engines.beat.loading import Models

SAMPLES_FOLDER, PAGE_FILE = "samples", "samples.html"


@dataclass(frozen=True)
class Prompt:
    """The conditions, length and seed of a beat."""

    conditions: BeatConditions
    seconds: float
    seed: int


def choose_prompts(clips: Sequence[BeatClip], count: int, max_seconds: float) -> list[Prompt]:
    """Returns prompts from different tracks of the validation split, each for about four bars."""
    first_of_track = list({clip.track_id: clip for clip in reversed(clips)}.values())[::-1]
    return [
        Prompt(BeatConditions(clip.caption, clip.bpm, clip.key), min(4 * 240 / clip.bpm, max_seconds), seed)
        for seed, clip in enumerate(first_of_track[:count])
    ]


def write_samples(models: Models, prompts: Sequence[Prompt], run: Path, when: str) -> None:
    """Makes a beat for each prompt and writes samples/<when>_<number>.wav; existing files are kept."""
    folder = run / SAMPLES_FOLDER
    missing = [i for i in range(len(prompts)) if not _file(folder, when, i).exists()]
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    parameter = next(models.lm.transformer.parameters())
    precision = best_precision(parameter.dtype, parameter.device.type)
    weights = Weights("training", "folder", "", "", parameter.device.type, precision)
    engine = MusicGenEngine(models.lm, models.codec, models.max_seconds, weights)
    for i in missing:
        prompt = prompts[i]
        (audio,) = engine.generate(prompt.conditions, prompt.seconds, [prompt.seed])
        samples = audio.samples[:, : round(prompt.seconds * audio.sample_rate)].T
        content = io.BytesIO()
        soundfile.write(content, samples, audio.sample_rate, format="WAV")
        write_whole(_file(folder, when, i), lambda part, content=content: part.write_bytes(content.getvalue()))


def write_page(prompts: Sequence[Prompt], record: TrainedModel, run: Path) -> Path:
    """Writes samples.html, which plays the samples and needs no network."""
    rows = []
    for i, prompt in enumerate(prompts):
        players = "".join(
            f'<td><audio controls preload="none" src="{SAMPLES_FOLDER}/{_file(run, when, i).name}" '
            f'aria-label="{when}, prompt {i + 1}"></audio></td>'
            for when in ("before", "after")
        )
        rows.append(
            f"<tr><th scope=row>{html.escape(prompt.conditions.caption)}<br>seed {prompt.seed}</th>{players}</tr>"
        )
    facts = (
        f"{record.method} of {record.base} on {record.clips[0]} clips, {record.step} steps; validation loss "
        f"{record.loss_before:.3f} before, {record.loss_after:.3f} after"
    )
    page = run / PAGE_FILE
    write_whole(page, lambda part: part.write_text(_PAGE.format(facts=html.escape(facts), rows="\n".join(rows))))
    return page


def _file(folder: Path, when: str, number: int) -> Path:
    return folder / f"{when}_{number + 1}.wav"


_PAGE = """<!doctype html>
<html lang=en>
<meta charset=utf-8>
<meta name=viewport content="width=device-width, initial-scale=1">
<title>Before and after</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #1b1b1f }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ padding: .75rem; text-align: left; border-bottom: 1px solid #ccc; font-weight: normal }}
thead th {{ font-weight: 600 }}
audio {{ width: 100%; min-width: 14rem }}
</style>
<h1>Before and after</h1>
<p>{facts}. Each row has one prompt and one seed.</p>
<table>
<thead><tr><th scope=col>Prompt<th scope=col>Before<th scope=col>After</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</html>
"""
