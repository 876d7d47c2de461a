"""Stems of a beat: what each group of instruments plays, as WAV files that sum to the mix."""

from __future__ import annotations

from dataclasses import replace

from typebeat.engines import Engines, NoGpuError, ShouldStop, Stems
from typebeat.parts import MadePart, PartMissing
from typebeat.sound.audio import Audio, WavTags, wav_bytes


def split_stems(beat: Audio, engines: Engines, should_stop: ShouldStop | None = None) -> Stems:
    """Splits a beat once, for its stems and for its MIDI.

    Raises:
        PartMissing: there is no splitter, or it fails.
        Stopped: `should_stop` turned true.
    """
    if engines.stems is None:
        raise PartMissing("no stem splitter is loaded")
    try:
        return engines.stems.split(beat, should_stop=should_stop)
    except (MemoryError, RuntimeError, NoGpuError) as error:  # torch's out-of-memory errors are RuntimeErrors
        raise PartMissing(f"the stems could not be split: {' '.join(str(error).split())[:160]}") from error


def make_stems(stems: Stems, tags: WavTags) -> MadePart:
    """Writes each stem as a WAV under stems/, with the beat's tags."""
    files = {
        f"stems/{name}.wav": wav_bytes(sound, replace(tags, title=f"{tags.title}, {name}"))
        for name, sound in stems.sounds.items()
    }
    return MadePart(files, facts={"method": stems.method})
