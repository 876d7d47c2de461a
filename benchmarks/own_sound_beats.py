"""Beats that are made around what people bring, measured: whether new parts fit and given notes are played.

Each measure makes whole packs with the weights that are loaded, and hears them by the project's own ears.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mido
import numpy as np
import soundfile

from benchmarks.note_scores import matched_notes
from benchmarks.own_sound_cases import SCALES, Chart, MidiCase, Sample
from typebeat.engines import Engines
from typebeat.hearing.grid import Stated
from typebeat.hearing.measuring import measure
from typebeat.hearing.tuning import measure_tuning
from typebeat.midi.notes import Note
from typebeat.midi.reader import read_midi
from typebeat.parts.own import Reference
from typebeat.parts.own.reading import bring
from typebeat.parts.pack import BeatPack
from typebeat.parts.stems import part_of
from typebeat.pipeline import make_pack
from typebeat.request.chord_names import read_chord
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.words import KEYS
from typebeat.sound.audio import Audio, loop_length

BEAT_SEED = 60_000
PROMPT, STYLE = "hard drums, long 808, warm chords", "travis-scott"
PLAYED = ("drums", "808", "chords")
DOWNBEAT_SECONDS, TUNING_CENTS, IN_KEY = 0.020, 10.0, 0.9  # the last: share of a part's notes
BEATS_PER_BAR = 4
CHANCE = {"made_key": 7 / 12, "made_tuning": 2 * TUNING_CENTS / 100}  # of one note, and of any tuning

Figures = dict[str, list[float]]


class Maker:
    """Makes packs with one set of engines in a folder that is thrown away.

    Args:
        engines: The models, with those that hear.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines, self._folder = engines, tempfile.TemporaryDirectory()
        self._count = 0
        self.make(None, bars=1, seed=BEAT_SEED, parts="beat,stems,midi")  # libraries are loaded once

    def make(self, reference: Reference | None, **wish: Any) -> BeatPack:
        """Makes a beat of the usual words; `wish` are further options."""
        self._count += 1
        request = BeatRequest.parse(
            **{"prompt": PROMPT, "style": STYLE, "drafts": 1, "parts": "beat,stems,midi", **wish}
        )
        return make_pack(request, self._engines, Path(self._folder.name) / str(self._count), reference=reference)

    def bring(self, source: str | Path, options: ReferenceOptions) -> Reference:
        """Reads and hears what is brought."""
        return bring(source, options, self._engines.pitches)

    def file(self, name: str) -> Path:
        """Returns where a file to be brought can be written."""
        return Path(self._folder.name) / name


def rate_around_samples(maker: Maker, samples: list[Sample]) -> tuple[dict[str, float], dict[str, float]]:
    """Makes drums, 808 and chords around samples; beside them the same words at the same tempo, without the sample.

    Every second beat is asked for at a tempo of its own. A sample that is refused counts as wrong where it counts.
    """
    ours: Figures = defaultdict(list)
    plain: Figures = defaultdict(list)
    for number, true in enumerate(samples):
        file = maker.file(f"sample{number}.wav")
        soundfile.write(file, true.audio.samples.T, true.audio.sample_rate)
        wish: dict[str, Any] = {"seed": BEAT_SEED + number, "bars": 4}
        begun = time.perf_counter()
        try:
            reference = maker.bring(file, ReferenceOptions(with_parts=PLAYED))
            if number % 2:
                wish["bpm"] = float(np.clip(round(reference.bpm or 120) + 5, 60, 170))
            pack = maker.make(reference, **wish)
        except RequestError:
            for name in ("made_downbeat", "made_tempo", "made_in_time"):
                ours[name].append(False)
            ours["made_refused"].append(True)
            continue
        took = time.perf_counter() - begun
        ours["made_refused"].append(False)
        begun = time.perf_counter()
        words = maker.make(None, **{**wish, "bpm": pack.recipe["bpm"]})
        ours["made_seconds_ratio"].append(took / (time.perf_counter() - begun))
        _fits(ours, pack, reference, true)
        _fits(plain, words, reference, true)
    return _means(ours), _means(plain)


def _fits(figures: Figures, pack: BeatPack, reference: Reference, true: Sample) -> None:
    """Notes how a beat goes with a sample; `reference` is the sample as it was heard."""
    bpm, stems, heard = pack.recipe["bpm"], stems_of_pack(pack), reference.sample
    if heard is None:
        raise ValueError("this was no sample")
    drums = stems["drums"]
    figures["made_tempo"].append(drums.length == loop_length(pack.recipe["bars"], BEATS_PER_BAR, bpm))
    speed = bpm / heard.grid.bpm
    speed /= 2 ** round(np.log2(speed))  # the sample may be counted an octave away
    bar = BEATS_PER_BAR * 60 / bpm
    true_line = (true.downbeat - heard.grid.downbeat) / speed
    line = measure(drums, stated=Stated(bpm=bpm, metre="4/4")).grid.downbeat
    off = abs((line - true_line + bar / 2) % bar - bar / 2)
    figures["made_downbeat"].append(off < DOWNBEAT_SECONDS)
    off_beat = abs((line - true_line + bar / 8) % (bar / 4) - bar / 8)
    figures["made_in_time"].append(off_beat < DOWNBEAT_SECONDS)
    if heard.key == true.key:
        for part, notes in notes_of_pack(pack).items():
            if part in ("808", "chords"):
                figures["made_key"].append(share_in_key(notes, true.key) >= IN_KEY)
    if "chords" in stems:
        cents = measure_tuning(stems["chords"]).cents
        off_cents = abs((cents - true.cents + 50) % 100 - 50)
        figures["made_tuning"].append(off_cents < TUNING_CENTS)
        figures["made_tuning_off_cents"].append(off_cents)


def rate_given_chords(maker: Maker, charts: list[Chart]) -> dict[str, float]:
    """Makes beats of chords as text; the share of half bars in which root and kind of third are heard as written."""
    right, plain = [], []
    for number, chart in enumerate(charts):
        reference = maker.bring(chart.text, ReferenceOptions())
        wish = {"seed": BEAT_SEED + 500 + number, "bars": 8, "bpm": chart.bpm}
        right += _chords_right(maker.make(reference, **wish), chart)
        plain += _chords_right(maker.make(None, **wish, key=reference.key), chart)
    return {"made_chords": float(np.mean(right)), "baseline_made_chords": float(np.mean(plain))}


def _chords_right(pack: BeatPack, chart: Chart) -> list[bool]:
    """For each half bar whether the chord that is heard in it has the root and third of the chart's."""
    marks = markers_of_pack(pack)
    right = []
    for half in range(2 * pack.recipe["bars"]):
        beat = 2.0 * half
        wanted = read_chord(chart.at(beat))
        name = next((text for at, text in reversed(marks) if at <= beat + 0.25), "")
        found = read_chord(name) if name and name[0] in "ABCDEFG" else None
        right.append(
            wanted is not None
            and found is not None
            and found.root == wanted.root
            and _third(found.pitch_classes, found.root) == _third(wanted.pitch_classes, wanted.root)
        )
    return right


def _third(tones: Any, root: int | None) -> tuple[bool, bool]:
    steps = {(tone - (root or 0)) % 12 for tone in tones}
    return 3 in steps, 4 in steps


def rate_given_files(maker: Maker, cases: list[MidiCase]) -> dict[str, float]:
    """Makes beats of MIDI files; F1 of their notes by part as they are heard in the pack: onset 50 ms, same pitch."""
    counts: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(3))
    for number, case in enumerate(cases):
        file = maker.file(f"file{number}.mid")
        file.write_bytes(case.content)
        reference = maker.bring(file, ReferenceOptions())
        made = {"": maker.make(reference, seed=BEAT_SEED + 700 + number, bars=4, bpm=case.bpm)}
        made["baseline_"] = maker.make(None, seed=BEAT_SEED + 700 + number, bars=4, bpm=case.bpm, key=reference.key)
        for kind, pack in made.items():
            heard = notes_of_pack(pack)
            for part, true in case.parts.items():
                found = heard.get(part, ())
                counts[f"{kind}made_midi_{part}"] += (len(matched_notes(true, found)), len(found), len(true))
    return {name: 2 * right / max(1, heard + true) for name, (right, heard, true) in counts.items()}


# --- packs ---


def stems_of_pack(pack: BeatPack) -> dict[str, Audio]:
    """Returns the stems of a pack by part."""
    sounds = {}
    for path in pack.files:
        if path.parent.name == "stems":
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
            sounds[part_of(path.name)] = Audio(samples.T, rate)
    return sounds


def notes_of_pack(pack: BeatPack) -> dict[str, tuple[Note, ...]]:
    """Returns the notes of a pack's MIDI by part, times in s."""
    paths = {path.stem.split("_")[0]: path for path in pack.files if path.suffix == ".mid"}
    return {part: read_midi(path).notes_of(part) for part, path in paths.items() if part not in ("all", "sample")}


def markers_of_pack(pack: BeatPack) -> list[tuple[float, str]]:
    """Returns the names of chords that are heard in a pack, with their beats."""
    path = next((path for path in pack.files if path.suffix == ".mid" and path.name.startswith("all")), None)
    if path is None:
        return []
    song = mido.MidiFile(path)
    tick, marks = 0, []
    for message in song.tracks[0]:
        tick += message.time
        if message.type == "marker":
            marks.append((tick / song.ticks_per_beat, message.text))
    return marks


def share_in_key(notes: tuple[Note, ...], key: str) -> float:
    """Returns which share of notes lies in a key's scale; 0 without notes."""
    tonic, mode = KEYS.index(key) % 12, key.split()[1]
    scale = {(tonic + step) % 12 for step in SCALES[mode]}
    return float(np.mean([note.pitch % 12 in scale for note in notes])) if notes else 0.0


def _means(figures: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: float(np.mean(values)) for name, values in figures.items()}
