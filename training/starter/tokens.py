"""Stored corpus beats as tokens with what the language model may be told of them.

Each beat is encoded part by part; a small file a beat keeps its tokens, notes, chords, song form and concepts, so that
a run that was stopped goes on where it was.
"""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from training.starter.corpus.score import PARTS, Score
from training.starter.corpus.store import compose_stored
from typebeat.engines.beat.roll import DRUM_CLASSES

_codec = None  # one a worker process
_CLASS_OF = {"snap": "clap", "ride": "crash", "riser": ""}  # drums that the piano roll has no class for
P_CONCEPT, P_INSTRUMENT = 0.75, 0.85  # share of a beat's concepts, and of its instruments, that a caption names
P_STYLE, P_FORM = 0.85, 0.85
JITTER_SECONDS, P_JITTER = 0.012, 0.3  # given notes are often measured, and then a little off


@dataclass(frozen=True)
class Facts:
    """What may be told of a beat; times in seconds.

    Attributes:
        bpm: Tempo.
        key: A name of `KEYS`.
        concepts: Ids of concepts, with "style:..." first where it has a style.
        sections: Name, first bar, bars.
        notes: For each part its notes, and the chords as "harmony", as `roll.notes_text` takes them.
    """

    bpm: float
    key: str
    concepts: tuple[str, ...]
    sections: tuple[tuple[str, int, int], ...]
    notes: dict[str, list]


@dataclass(frozen=True)
class Window:
    """A stretch of a beat: codes (K, T) int64, its start in the beat in seconds, and the beat's facts."""

    codes: np.ndarray
    start_seconds: float
    facts: Facts
    name: str


def facts_of(score: Score) -> Facts:
    """Returns what may be told of a composed beat."""
    from training.starter.corpus.plan import concepts_of

    plan, beat = score.plan, 60 / score.plan.bpm
    classes = {name: name for name in DRUM_CLASSES} | _CLASS_OF
    hits = [(h.beat * beat + h.late, classes.get(h.drum, "perc"), round(h.velocity, 2)) for h in score.hits]
    notes: dict[str, list] = {"drums": sorted(hit for hit in hits if hit[1])}
    for part, events in (("808", score.bass), ("chords", score.chords), ("melody", score.melody)):
        notes[part] = [
            (round(e.beat * beat, 4), round((e.beat + e.length) * beat, 4), e.pitch, round(e.velocity, 2), e.glide_to)
            for e in events
        ]
    notes["harmony"] = [
        (round(c.beat * beat, 4), round((c.beat + c.length) * beat, 4), c.bass, list(c.tones))
        for c in score.chords_named
    ]
    style = (f"style:{plan.style}",) if plan.style else ()
    sections = tuple((s.name, s.first_bar, s.bars) for s in plan.sections)
    return Facts(plan.bpm, plan.key, (*style, *concepts_of(plan)), sections, notes)


def tokenize(folder: Path, codec_folder: Path, beats: list[Path], workers: int = 2) -> list[Path]:
    """Encodes stored beats that are not encoded yet; returns the files of all."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers, initializer=_load_codec, initargs=(codec_folder,)) as pool:
        return list(pool.map(partial(_tokenize_one, folder), beats, chunksize=4))


def _load_codec(codec_folder: Path) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch

    from typebeat.engines.quiet import quiet_import

    torch.set_num_threads(1)
    with quiet_import():
        from typebeat.engines.beat.starter import load_codec
    global _codec
    _codec = load_codec(codec_folder)


def _tokenize_one(folder: Path, beat: Path) -> Path:
    import torch

    path = folder / f"{beat.stem}.npz"
    if not path.exists():
        stems = np.fromfile(beat, np.int16).reshape(len(PARTS), -1).astype(np.float32) / 32_767
        with torch.inference_mode():
            codes = _codec.encode_parts([torch.from_numpy(stem)[None, None] for stem in stems])[0]
        facts = facts_of(compose_stored(int(beat.stem)))
        unfinished = path.with_suffix(".part.npz")
        np.savez_compressed(unfinished, codes=codes.numpy().astype(np.int16), facts=json.dumps(facts.__dict__))
        unfinished.rename(path)
    return path


def read_tokens(path: Path) -> tuple[np.ndarray, Facts]:
    """Returns a beat's codes (K, T) int16 and its facts."""
    with np.load(path) as file:
        told = json.loads(str(file["facts"]))
        sections = tuple(map(tuple, told["sections"]))
        return file["codes"], Facts(**{**told, "concepts": tuple(told["concepts"]), "sections": sections})


class TokenWindows:
    """Random windows of tokenised beats, half of them from the first downbeat on."""

    def __init__(self, paths: list[Path], frames: int, frame_rate: float, seed: int):
        self._beats = [read_tokens(path) for path in paths]
        self._names = [path.stem for path in paths]
        self._frames, self._frame_rate, self._seed = frames, frame_rate, seed

    def batch(self, size: int, step: int) -> list[Window]:
        """Returns `size` windows of equal length; the same step gets the same ones."""
        rng = np.random.default_rng([self._seed, step])
        windows = []
        for i in rng.integers(len(self._beats), size=size):
            last = self._beats[i][0].shape[1] - self._frames
            windows.append(self._window(int(i), 0 if rng.random() < 0.4 else int(rng.integers(last + 1))))
        return windows

    def all_from_start(self) -> list[Window]:
        """Returns the window at the start of each beat, in order: for validation."""
        return [self._window(i, 0) for i in range(len(self._beats))]

    def _window(self, i: int, start: int) -> Window:
        codes, facts = self._beats[i]
        cut = codes[:, start : start + self._frames].astype(np.int64)
        return Window(cut, start / self._frame_rate, facts, self._names[i])


def draw_concepts(facts: Facts, rng: Random) -> str:
    """Returns a caption by concept ids: most of what is true of the beat, and always what is left out."""
    chosen = []
    for concept in facts.concepts:
        kind = concept.split(":")[0]
        share = {"without": 1.0, "style": P_STYLE, "lead": P_INSTRUMENT, "chords": P_INSTRUMENT}.get(kind, P_CONCEPT)
        if rng.random() < share:
            chosen.append(concept)
    return " ".join(chosen)


def draw_given(facts: Facts, rng: Random) -> dict[str, list]:
    """Returns which parts' notes a training step is told: often none, some, all but one, or the chords' names."""
    draw = rng.random()
    if draw < 0.42:
        names = ()
    elif draw < 0.64:
        names = tuple(name for name in facts.notes if rng.random() < 0.5)
    elif draw < 0.82:
        made_anew = rng.choice(PARTS)
        names = tuple(name for name in PARTS if name != made_anew)
    else:
        names = ("harmony", *(("melody",) if rng.random() < 0.25 else ()))
    given = {name: facts.notes[name] for name in names}
    if rng.random() < P_JITTER:
        given = {name: [_jittered(note, name, rng) for note in notes] for name, notes in given.items()}
    return given


def _jittered(note: tuple, part: str, rng: Random) -> tuple:
    times = 1 if part == "drums" else 2
    moved = [max(0.0, round(time + rng.gauss(0, JITTER_SECONDS), 4)) for time in note[:times]]
    return (*moved, *note[times:])
