"""Engines that draw requests side by side, each with requests that differ in all that its kind can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tiny_models import DARK, load, save_model

from benchmarks.tiny_stems import save_stems
from typebeat.engines import BeatConditions, BeatSound, Job, Weights


@dataclass(frozen=True)
class Wish:
    """What is asked of an engine."""

    conditions: BeatConditions
    seconds: float
    seeds: tuple[int, ...]
    more: dict[str, Any] = field(default_factory=dict)

    def made_by(self, engine: Any, job: Job = Job()) -> list[BeatSound]:  # noqa: B008, it is frozen
        return engine.generate(self.conditions, self.seconds, self.seeds, job=job, **self.more)


def musicgen(folder: Any) -> tuple[Any, list[Wish]]:
    """A MusicGen, whose text is attended to and prepended: other texts, strengths, lengths and numbers of takes."""
    return load(save_model(folder)), [
        Wish(DARK, 2.5, (1, 2), {"top_k": 20}),
        Wish(replace(DARK, caption="bright keys", bpm=90.0), 0.7, (3,), {"guidance": 5.0}),
        Wish(replace(DARK, caption="no drums"), 4.6, (4, 5, 6), {"temperature": 0.7}),  # two windows
        Wish(DARK, 1.0, (1,), {"top_k": 1}),
    ]


def stems(folder: Any) -> tuple[Any, list[Wish]]:
    """A MusicGen-Stem: two stems are kept, and the model is shown them ahead."""
    engine = load(save_stems(folder))
    beat = engine.generate(DARK, 4.5, [1], top_k=20)[0]
    kept = {part: engine.part_tokens(beat.tokens, part) for part in ("bass", "other")}
    return engine, [
        Wish(DARK, 2.0, (1,), {"top_k": 20}),
        Wish(replace(DARK, kept=kept), 4.5, (2, 3), {"top_k": 20}),
        Wish(replace(DARK, caption="slow", left_out=("drums",)), 1.2, (4,), {"guidance": 1.0}),
    ]


def starter(folder: Any) -> tuple[Any, list[Wish]]:
    """The starter: given notes, a song form, kept parts."""
    import torch
    from tiny_codec import TINY_CODEC, TINY_LM

    from typebeat.engines.beat.codec import StarterCodec
    from typebeat.engines.beat.starter import build_lm, save_starter

    torch.manual_seed(0)
    codec = StarterCodec(TINY_CODEC).eval()
    lm = build_lm(TINY_LM, codec, ["mood:dark"], 4.0).eval()
    for conditioner in lm.condition_provider.conditioners.values():
        torch.nn.init.normal_(conditioner.output_proj.weight, std=0.5)
    save_starter(folder, codec, lm, TINY_LM, 4.0)
    engine = load(folder, Weights("tiny", "folder", "", "mit", "cpu", ""))
    asked = BeatConditions("mood:dark", 140.0, "F minor")
    beat = engine.generate(asked, 3.0, [1])[0]
    kept = {part: engine.part_tokens(beat.tokens, part) for part in ("drums", "808")}
    notes = {"melody": [(0.0, 1.0, 60, 0.9, None), (4.5, 5.0, 72, 0.9, None)]}
    return engine, [
        Wish(replace(asked, sections=(("intro", 0, 2), ("hook", 2, 4))), 3.5, (1, 2)),
        Wish(replace(asked, given=notes), 6.0, (3, 4, 5, 6)),  # two windows
        Wish(replace(asked, kept=kept, bpm=100.0), 3.0, (7,), {"guidance": 4.0}),
        Wish(asked, 1.0, (8,), {"top_k": 5}),
    ]


MODELS = {made.__name__: made for made in (musicgen, stems, starter)}
