"""What a beat around a reference consists of: the parts that the model plays, what it is told, and the sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from typebeat.engines import UNWATCHED, Engines, Job, StemSplitter
from typebeat.midi.notes import Marker, Note
from typebeat.parts import PartMissing
from typebeat.parts.own import Reference
from typebeat.parts.own.placing import (
    BEYOND_SECONDS,
    Given,
    PlacedSample,
    given_notes,
    place_sample,
    place_start,
    tuned_to,
)
from typebeat.parts.own.refusals import check_playable
from typebeat.parts.own.sample_notes import given_by_sample, hear_notes, sample_notes
from typebeat.parts.own.tune import tune_sound
from typebeat.request.options import RequestError
from typebeat.request.reference import CONTINUE, PLAYED, STYLE
from typebeat.request.settled import SettledRequest
from typebeat.request.understanding import place_of, silenced
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs
from typebeat.sound.mixing import DRY, WHOLE, Mix, mix_parts

SAMPLE_PART = "sample"  # its name among the parts of a beat
NAMES_OF = {"bass": "808"}  # stems of weights that play one sound, by the part's name
ONLY = {"drums": "drums", "808": "808 bass", "chords": "chords", "melody": "melody"}
CROSSFADE_SECONDS = 0.008
_BESIDE_LU = -1.0  # loudness of a sample beside all that is played with it


@dataclass(frozen=True)
class Arrangement:
    """What a beat is made around; without a reference there is nothing in it.

    Attributes:
        played: Parts that the model plays; empty for all.
        given: Notes that the model is told, as `BeatConditions.given`.
        melody: A tune alone, for weights that hear one.
        style: A sound that the beat is to sound like, for weights that hear one.
        sample: The sample on the beat's bars.
        notes: What the sample plays, times in s.
        markers: The names of its chords.
        splitter: Takes apart what weights that know no parts play.
        gain: By which the sample is louder than it came, if that is known; None to measure it beside the other parts.
        joins_at: Where new bars follow the sample in s, before which nothing else plays; None where it goes on.
    """

    played: tuple[str, ...] = ()
    given: Given = field(default_factory=dict)
    melody: Audio | None = None
    style: Audio | None = None
    sample: PlacedSample | None = None
    notes: tuple[Note, ...] = ()
    markers: tuple[Marker, ...] = ()
    splitter: StemSplitter | None = None
    gain: float | None = None
    joins_at: float | None = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Parts that stay silent."""
        return tuple(part for part in PLAYED if part not in self.played) if self.played else ()

    def words(self) -> str:
        """What weights that know no parts are asked for beside the caption."""
        if not self.played:
            return ""
        only = " and ".join(ONLY[part] for part in self.played)
        return f"{only} only" + (", no melody" if "melody" not in self.played else "")


ALONE = Arrangement()


def arrange(
    reference: Reference | None, request: SettledRequest, engines: Engines, job: Job = UNWATCHED
) -> Arrangement:
    """Prepares what a resolved request needs of a reference.

    Raises:
        RequestError: the weights do not play given notes, or the sample does not fit the tempo.
    """
    if reference is None:
        return ALONE
    knows_notes = engines.beat.takes_notes
    if not reference.stays:
        check_playable(reference, engines.beat)
        if reference.use == STYLE:
            return Arrangement(reference.played, style=reference.audio)
        given = given_notes(reference, request)
        if knows_notes:
            return Arrangement(reference.played, given)
        return Arrangement(reference.played, melody=tune_sound(given["melody"], request.seconds + BEYOND_SECONDS))
    if reference.use == CONTINUE:
        start = place_start(reference, request)
        return Arrangement(reference.played, sample=start, joins_at=start.period)
    sample = place_sample(reference, request)
    made = Arrangement(reference.played, sample=sample, splitter=None if engines.beat.parts else engines.stems)
    if engines.pitches is None or not (knows_notes or "midi" in request.parts):
        return made
    heard = hear_notes(sample, engines.pitches, replace(job, doing="Listening to the sample", hear=None))
    if heard is None:
        return made
    melody, chords, markers = sample_notes(heard, sample, request.bpm, request.key)
    given = given_by_sample(melody, chords, markers, sample.sound.seconds) if knows_notes else {}
    given = {part: notes for part, notes in given.items() if part not in reference.played}
    notes = tuple(sorted([*melody, *chords], key=lambda note: (note.onset, note.pitch)))
    return replace(made, given=given, notes=notes, markers=markers)


def check_played(again: Sequence[str], arranged: Arrangement, parts: Sequence[str]) -> None:
    """Refuses to make anew what does not play beside a sample; `parts` are those of the weights."""
    for part in silenced(arranged.left_out, parts):
        if part in again:
            heard = " and ".join(place_of(each, parts) for each in arranged.played)
            raise RequestError("again", f"that beat has no {part}; beside its sample {heard} can be made anew")


def joined_parts(
    parts: Mapping[str, Audio], whole: Audio, arranged: Arrangement, job: Job = UNWATCHED
) -> tuple[dict[str, Audio], float]:
    """Returns the parts that are played, tuned to the sample, and the sample beside them; and the sample's gain.

    Args:
        parts: What the model played apart; empty where it plays one sound.
        whole: All of it together.
        arranged: Of `arrange`.
        job: Watches the work.

    Raises:
        PartMissing: one sound cannot be taken apart here.
    """
    sample = arranged.sample
    if sample is None:
        return dict(parts), 1.0
    if arranged.joins_at is not None:
        return _continued(parts or {WHOLE: whole}, arranged, sample, arranged.joins_at), 1.0
    if not parts:
        if arranged.splitter is None:
            raise PartMissing(
                "these weights play one sound, and no stem splitter is loaded to take its drums out of it"
            )
        split = arranged.splitter.split(whole, job=replace(job, hear=None)).sounds
        parts = {NAMES_OF.get(name, name): sound for name, sound in split.items()}
    names = {place_of(part, parts) for part in arranged.played}
    played = {
        name: sound if name == "drums" else tuned_to(sound, sample.cents)
        for name, sound in parts.items()
        if name in names
    }
    gain = arranged.gain or _gain_beside(sample.sound, played, _BESIDE_LU)
    return {**played, SAMPLE_PART: Audio(sample.sound.samples * np.float32(gain), sample.sound.sample_rate)}, gain


def _continued(
    parts: Mapping[str, Audio], arranged: Arrangement, sample: PlacedSample, joins_at: float
) -> dict[str, Audio]:
    """The sound that is continued, and the parts from the join on: faded in just before it, so that no hit is cut."""
    follows = {}
    names = {place_of(part, parts) for part in arranged.played} or set(parts)
    for name, part in parts.items():
        if name not in (*names, WHOLE):
            continue
        tuned = part if name in ("drums", WHOLE) else tuned_to(part, sample.cents)
        at, fade = round(joins_at * part.sample_rate), round(CROSSFADE_SECONDS * part.sample_rate)
        gain = np.ones(part.length, np.float32)
        gain[:at] = 0
        gain[max(0, at - fade) : at] = np.linspace(0, 1, at - max(0, at - fade), endpoint=False)
        follows[name] = Audio(tuned.samples * gain, part.sample_rate)
    return {**follows, SAMPLE_PART: sample.sound}


def mixed(parts: Mapping[str, Audio], arranged: Arrangement, style: str, bpm: float, mode: str) -> Mix | None:
    """Mixes parts as `mix_parts` does; None without any. A sound that is continued gets the level of what follows."""
    if not parts or arranged.joins_at is None:
        return mix_parts(parts, style, bpm, mode=mode) if parts else None
    follows = mix_parts({name: part for name, part in parts.items() if name != SAMPLE_PART}, style, bpm, mode=mode)
    own = parts[SAMPLE_PART]
    start = Audio(own.samples * np.float32(_gain_beside(own, {WHOLE: follows.beat}, 0.0)), own.sample_rate)
    whole = mix_parts({**follows.stems, SAMPLE_PART: start}, style, bpm, mode=DRY)
    return replace(whole, levels_db=follows.levels_db)


def _gain_beside(sample: Audio, played: Mapping[str, Audio], beside_lu: float) -> float:
    """By which the sample is as loud beside the parts that are played as is said."""
    total = sum((part.samples.mean(axis=0) for part in played.values()), start=np.zeros(sample.length, np.float32))
    beside, own = loudness_lufs(Audio(total, sample.sample_rate)), loudness_lufs(sample)
    if not math.isfinite(beside + own):
        return 1.0
    return float(10 ** ((beside + beside_lu - own) / 20))
