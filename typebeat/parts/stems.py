"""Makes the stems of a beat: one WAV for each group of instruments; together they are the mix."""

from __future__ import annotations

from dataclasses import replace

from typebeat.engines import UNWATCHED, Engines, Job, NoGpuError, Stems
from typebeat.parts import MadePart, PartMissing
from typebeat.parts.pack import Take
from typebeat.sound.audio import Audio, WavTags, wav_bytes


def stems_of(take: Take, engines: Engines, job: Job = UNWATCHED) -> Stems:
    """Returns the stems that the model itself played, or splits the take; raises PartMissing if that fails."""
    return take.stems or split_stems(take.audio, engines, job)


def split_stems(beat: Audio, engines: Engines, job: Job = UNWATCHED) -> Stems:
    """Splits a beat, for its stems and for its MIDI; raises PartMissing if that fails."""
    if engines.stems is None:
        raise PartMissing("no stem splitter is loaded")
    try:
        return engines.stems.split(beat, job=job)
    except (MemoryError, RuntimeError, NoGpuError) as error:  # torch's out-of-memory errors are RuntimeErrors
        raise PartMissing(f"the stems could not be split: {' '.join(str(error).split())[:160]}") from error


def make_stems(stems: Stems, tags: WavTags) -> MadePart:
    """Writes each stem as a WAV under stems/, with the beat's tags."""
    files = {
        f"stems/{name}.wav": wav_bytes(sound, replace(tags, title=f"{tags.title}, {name}"))
        for name, sound in stems.sounds.items()
    }
    return MadePart(files, facts={"method": stems.method})
