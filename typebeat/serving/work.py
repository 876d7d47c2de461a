"""What jobs do, as records: each gets the models and a folder to write into, here or on another machine."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import soundfile

from typebeat.engines import Engines, Job, Weights, WeightsError, without_paths
from typebeat.hearing.passport import Passport
from typebeat.midi.preview import render_preview
from typebeat.parts import PartMissing
from typebeat.parts.cover import draw_covers
from typebeat.parts.midi import MidiOfFile, midi_of_file, write_again
from typebeat.parts.own import Reference
from typebeat.parts.own.reading import bring
from typebeat.parts.pack import BeatPack, Recipe
from typebeat.parts.writing import write_files
from typebeat.pipeline import analyze_file, make_pack
from typebeat.request.cover_request import SettledCoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.reference import ReferenceOptions
from typebeat.request.settled import SettledRequest
from typebeat.serving.failures import NotLoadedError
from typebeat.serving.heard import HeardUploads


@dataclass(frozen=True)
class Workshop:
    """What work is done with: the models, and what was heard of uploads before."""

    engines: Engines
    heard: HeardUploads = field(default_factory=HeardUploads)


class Work(Protocol):
    """A record of what to do; its values can be pickled."""

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> Any:
        """Does the work, writes its files into `folder`, and returns what it made."""
        ...


class Elsewhere(Protocol):
    """Other processes that do work, such as those of a cluster."""

    def jobs_at_once(self) -> int:
        """Returns how many jobs that need a beat or cover engine they may do at once now."""
        ...

    def processes(self) -> int:
        """Returns how many they are now."""
        ...

    async def do(self, work: Work, folder: Path, job: Job) -> Any:
        """Has work done, as `Work` says: steps and sound reach the job, and files the folder, while it is done."""
        ...

    def facts(self) -> dict[str, Any]:
        """Returns what is there, as plain values for `/ready`."""
        ...

    def trouble(self) -> tuple[str, ...]:
        """Returns what is wrong there now, a line each for visitors."""
        ...


@dataclass(frozen=True)
class DrawnCovers:
    """Finished covers: their files, and the recipe of each."""

    files: tuple[Path, ...]
    recipes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class WrittenMidi:
    """A sound as MIDI files, and a WAV of what they play."""

    made: MidiOfFile
    preview: Path


@dataclass(frozen=True)
class MakeBeat:
    """Makes a pack, or parts of the earlier beat `of` anew; with `aloud` its sound is heard while it is made."""

    request: SettledRequest
    aloud: bool
    of: Recipe | None
    reference: Reference | None

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> BeatPack:
        heard = job if self.aloud else replace(job, hear=None)
        return make_pack(self.request, shop.engines, folder, heard, of=self.of, reference=self.reference)


@dataclass(frozen=True)
class HearReference:
    """Hears what an upload is, or reads chords."""

    source: Path | str
    options: ReferenceOptions

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> Reference:
        replace(job, doing="Listening to what you brought").step(0, 1)
        return bring(self.source, self.options, shop.engines.pitches, shop.heard.of(self.source))


@dataclass(frozen=True)
class LoadWeights:
    """Loads other beat weights; where that fails those of before play on."""

    choice: str

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> Weights:
        beat = shop.engines.beat
        if not hasattr(beat, "switch"):
            raise PartMissing("the weights cannot be changed while this page runs; set TYPEBEAT_BEAT")
        try:
            return beat.switch(self.choice, job)
        except WeightsError as error:
            logging.warning("weights were not loaded: %s", error)
            told = without_paths(str(error))
            raise NotLoadedError(f"{told}; {beat.weights.name} plays on") from error


@dataclass(frozen=True)
class DrawCovers:
    """Draws covers without a beat."""

    request: SettledCoverRequest

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> DrawnCovers:
        request, engines = self.request, shop.engines
        if engines.cover is None:
            raise PartMissing(engines.missing.get("cover", "no cover model is loaded"))
        doing = "Drawing the cover" if request.variations == 1 else f"Drawing {request.variations} covers"
        covers = draw_covers(request, engines.cover, replace(job, doing=doing))
        names = [folder / f"cover_{request.style}_s{cover.seed}.png" for cover in covers]
        write_files({path: cover.png for path, cover in zip(names, covers, strict=True)})
        return DrawnCovers(tuple(names), tuple(cover.recipe for cover in covers))


@dataclass(frozen=True)
class WriteMidi:
    """Writes an upload down as MIDI; with `before`, an earlier result for it, only with other options."""

    file: Path
    options: MidiOptions
    before: MidiOfFile | None

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> WrittenMidi:
        if self.before:
            made = write_again(self.before, self.options, folder)
        else:
            made = midi_of_file(self.file, self.options, shop.engines, folder, job)
        preview = folder / "preview.wav"
        sound = render_preview(made.transcript.parts, made.transcript.grid)
        soundfile.write(preview, sound.samples.T, sound.sample_rate, subtype="PCM_16")
        return WrittenMidi(made, preview)


@dataclass(frozen=True)
class Measure:
    """Measures an upload."""

    file: Path
    said: MidiOptions

    def __call__(self, shop: Workshop, folder: Path, job: Job) -> Passport:
        replace(job, doing="Measuring tempo and key").step(0, 1)
        return analyze_file(self.file, self.said)
