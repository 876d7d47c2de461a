"""What the starter's language model is told, as audiocraft's conditioners: words, key, beat grid, song form and notes.

None of them needs a downloaded text model. All but the captions of the first versions are added to the steps' input. A
condition that is missing counts as zero, as in MusicGen.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import torch
from audiocraft.modules.conditioners import ConditionType, TextConditioner
from torch import Tensor, nn
from torch.nn import functional as F

from typebeat.engines.beat.roll import CHANNELS, PARTS, read_roll
from typebeat.request.words import KEYS, concepts

# cycles a beat at which the position in the song is told: from four bars down to thirty-seconds and triplets
_CYCLES_PER_BEAT = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 3, 6)
_MIDDLE_BPM, _BPM_SPREAD = 115.0, 30.0
SECTIONS = ("loop", "intro", "verse", "hook", "bridge", "break", "outro")
_BARS_SEEN = 8.0  # bars since a section began, and until it ends, that are told apart
_ROLL_CHANNELS, _AHEAD, _BEHIND = 64, 8, 2  # frames of given notes seen before and after the ones to be made


def grid_text(bpm: float, start_seconds: float) -> str:
    """Returns the value of the `grid` attribute: the tempo, and the song position of the window's first frame."""
    return f"{bpm:g} bpm from {start_seconds:.6f} s"


def form_text(sections: Sequence[tuple[str, float, float]], bpm: float, start_seconds: float) -> str:
    """Returns the value of the `form` attribute.

    Args:
        sections: Name of `SECTIONS`, first bar and length in bars, in order.
        bpm: Tempo; a bar has four beats.
        start_seconds: Where the window begins.
    """
    bar = 240 / bpm
    rows = [[name, round(first * bar - start_seconds, 4), round(bars * bar, 4)] for name, first, bars in sections]
    return json.dumps({"bar": round(bar, 5), "sections": rows}, separators=(",", ":"))


def caption_concepts(text: str | None, known: dict[str, int]) -> list[int]:
    """Returns the numbers of the concepts of a caption: named outright ("lead:flute"), or by its words."""
    outright = [known[word] for word in (text or "").split() if word in known]
    return outright or [known[concept] for concept in concepts(text or "") if concept in known]


class ConceptConditioner(TextConditioner):
    """A caption to one vector for each concept it names, (B, L, output_dim), and the mask of those that are there."""

    def __init__(self, vocabulary: list[str], dim: int, output_dim: int):
        super().__init__(dim, output_dim)
        self.vocabulary = list(vocabulary)
        self._ids = {concept: i + 1 for i, concept in enumerate(vocabulary)}
        self.embed = nn.Embedding(len(vocabulary) + 1, dim)

    def tokenize(self, texts: list[str | None]) -> dict[str, Tensor]:
        """Returns ids (B, L), 0 where there is none; L is at least 1."""
        rows = [caption_concepts(text, self._ids) for text in texts]
        ids = torch.zeros(len(rows), max(1, *map(len, rows)), dtype=torch.long)
        for row, found in zip(ids, rows, strict=True):
            row[: len(found)] = torch.tensor(found, dtype=torch.long)
        return {"ids": ids.to(self.embed.weight.device)}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        mask = (inputs["ids"] > 0).long()
        return self.output_proj(self.embed(inputs["ids"])) * mask[..., None], mask


class SummedConceptConditioner(ConceptConditioner):
    """A caption to one vector that is added to each step, (B, 1, output_dim): its concepts, summed and mixed."""

    def __init__(self, vocabulary: list[str], dim: int, output_dim: int):
        super().__init__(vocabulary, dim, output_dim)
        nn.init.normal_(self.embed.weight, std=0.2)
        self.mix = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        known = (inputs["ids"] > 0).to(self.embed.weight)[..., None]
        summed = (self.embed(inputs["ids"]) * known).sum(dim=1, keepdim=True)
        mask = known.amax(dim=1)
        return self.output_proj(summed + self.mix(summed)) * mask[..., None], mask.long()


class KeyConditioner(TextConditioner):
    """A key of `KEYS` to one vector that is added to each step, (B, 1, output_dim)."""

    def __init__(self, dim: int, output_dim: int):
        super().__init__(dim, output_dim)
        self.embed = nn.Embedding(len(KEYS) + 1, dim)

    def tokenize(self, keys: list[str | None]) -> dict[str, Tensor]:
        """Returns ids (B, 1), 0 for none. Raises ValueError for a key outside `KEYS`."""
        ids = [[0 if key is None else KEYS.index(key) + 1] for key in keys]
        return {"ids": torch.tensor(ids, device=self.embed.weight.device)}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        mask = (inputs["ids"] > 0).long()
        return self.output_proj(self.embed(inputs["ids"])) * mask[..., None], mask


class GridConditioner(TextConditioner):
    """`grid_text` to what each step is told of the beat grid, (B, steps, output_dim).

    With the delay pattern a step predicts each codebook for another frame, up to `longest_delay` steps back, so it is
    told the position of all those frames and of the next.
    """

    def __init__(self, longest_delay: int, steps: int, frame_rate: float, output_dim: int):
        frames = longest_delay + 2
        super().__init__(frames * 2 * len(_CYCLES_PER_BEAT) + 1, output_dim)
        self._frame_rate, self._steps = frame_rate, steps
        self._back = torch.arange(frames) - 1  # frames back from a step's newest one; -1 is its successor

    def tokenize(self, texts: list[str | None]) -> dict[str, Tensor]:
        """Returns (B, 3): tempo in BPM, start in seconds, and whether they are known."""
        rows = [[0.0, 0.0, 0.0] if text is None else [*_read_grid(text), 1.0] for text in texts]
        return {"grid": torch.tensor(rows, dtype=torch.float64).to(self.output_proj.weight.device)}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        bpm, start, known = (x[:, None, None] for x in inputs["grid"].unbind(dim=1))
        frame = torch.arange(self._steps, device=bpm.device)[None, :, None] - self._back.to(
            bpm.device
        )  # (1, steps, frames)
        beat = (frame / self._frame_rate + start) * bpm / 60
        cycles = torch.tensor(_CYCLES_PER_BEAT, dtype=torch.float64, device=bpm.device)
        angle = (2 * math.pi * ((beat[..., None] * cycles) % 1.0)).flatten(2)  # (B, steps, frames x cycles)
        tempo = ((bpm - _MIDDLE_BPM) / _BPM_SPREAD).expand(-1, self._steps, -1)
        told = torch.cat([torch.cos(angle), torch.sin(angle), tempo], dim=2).to(self.output_proj.weight)
        mask = known[:, :, 0].expand(-1, self._steps).long()
        return self.output_proj(told) * mask[..., None], mask


class FormConditioner(TextConditioner):
    """`form_text` to what each step is told of the song form, (B, steps, output_dim): this section, the next, when."""

    def __init__(self, steps: int, frame_rate: float, output_dim: int):
        super().__init__(2 * len(SECTIONS) + 3, output_dim)
        self._frame_rate, self._steps = frame_rate, steps

    def tokenize(self, texts: list[str | None]) -> dict[str, Tensor]:
        """Returns what is told, (B, steps, 2 x sections + 3), and whether it is known, (B,)."""
        told = torch.zeros(len(texts), self._steps, 2 * len(SECTIONS) + 3)
        for row, text in zip(told, texts, strict=True):
            if text is not None:
                self._fill(row, json.loads(text))
        known = torch.tensor([text is not None for text in texts])
        device = self.output_proj.weight.device
        return {"told": told.to(device), "known": known.to(device)}

    def _fill(self, row: Tensor, form: dict) -> None:
        times = torch.arange(self._steps) / self._frame_rate
        names = [SECTIONS.index(name) for name, _, _ in form["sections"]]
        for i, (_, start, seconds) in enumerate(form["sections"]):
            inside = (times >= start) & (times < start + seconds)
            row[inside, names[i]] = 1.0
            if i + 1 < len(names):
                row[inside, len(SECTIONS) + names[i + 1]] = 1.0
            since, until = (times[inside] - start) / form["bar"], (start + seconds - times[inside]) / form["bar"]
            row[inside, -3] = (times[inside] - start) / seconds
            row[inside, -2] = (since / _BARS_SEEN).clamp(max=1)
            row[inside, -1] = (until / _BARS_SEEN).clamp(max=1)

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        mask = inputs["known"][:, None].expand(-1, self._steps).long()
        return self.output_proj(inputs["told"].to(self.output_proj.weight)) * mask[..., None], mask


class NotesConditioner(TextConditioner):
    """`notes_text` to what each step is told of given notes, (B, steps, output_dim).

    Each part's roll goes through a convolution that sees the frames which a step predicts, some before and some ahead.
    A part that is not given adds nothing; that it is given, also silent, is told by a vector of its own.
    """

    def __init__(self, longest_delay: int, steps: int, frame_rate: float, output_dim: int):
        super().__init__(output_dim, output_dim)
        self._frame_rate, self._steps = frame_rate, steps
        self._behind = longest_delay + _BEHIND
        self.rows_in = nn.ModuleDict({part: nn.Linear(CHANNELS[part], _ROLL_CHANNELS) for part in PARTS})
        frames = self._behind + 1 + _AHEAD
        self.around = nn.ModuleDict({part: nn.Conv1d(_ROLL_CHANNELS, output_dim, frames) for part in PARTS})
        self.given = nn.Parameter(0.02 * torch.randn(len(PARTS), output_dim))

    def tokenize(self, texts: list[str | None]) -> dict[str, Tensor]:
        """Returns each part's roll (B, steps, channels) and which parts are given, (B, parts)."""
        read = [read_roll(text, self._steps, self._frame_rate) for text in texts]
        device = self.given.device
        rolls = {part: torch.stack([torch.from_numpy(rolls[part]) for rolls, _ in read]).to(device) for part in PARTS}
        given = torch.tensor([[given[part] for part in PARTS] for _, given in read], device=device)
        return {**rolls, "given": given}

    def forward(self, inputs: dict[str, Tensor]) -> ConditionType:
        given = inputs["given"].to(self.given)
        told = given.new_zeros(len(given), self._steps, self.given.shape[1])
        for i, part in enumerate(PARTS):
            who = given[:, i].nonzero()[:, 0]
            if not len(who):
                continue
            rows = F.gelu(self.rows_in[part](inputs[part][who].to(self.given))).transpose(1, 2)
            heard = self.around[part](F.pad(rows, (self._behind, _AHEAD))).transpose(1, 2)
            told = told.index_add(0, who, (heard + self.given[i]).to(told))
        mask = (given.amax(dim=1, keepdim=True) > 0).expand(-1, self._steps).long()
        return self.output_proj(told) * mask[..., None], mask


def _read_grid(text: str) -> tuple[float, float]:
    bpm, start = text.removesuffix(" s").split(" bpm from ")
    return float(bpm), float(start)
