"""Measures a sound into its `Passport`. What somebody states about its time is kept; what is open is measured."""

from __future__ import annotations

from dataclasses import replace

from typebeat.hearing.bars import Extent, bars_to_write, hear_extent, place_bars, with_changes
from typebeat.hearing.chroma import hear_chroma
from typebeat.hearing.downbeat import find_downbeat
from typebeat.hearing.grid import STRAIGHT, Grid, Stated
from typebeat.hearing.key import rank_keys
from typebeat.hearing.metre import Metre, hear_metre
from typebeat.hearing.onsets import Onsets, hear_onsets, pick_onsets
from typebeat.hearing.passport import SURE_OF_BEAT, Passport
from typebeat.hearing.tempo import Pulse, find_pulse
from typebeat.hearing.tempo_changes import find_stretches
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs, true_peak_dbtp

GUESSED_BPM = 120.0  # tempo of a sound without a beat, if none is asked for
NO_KEY_BELOW = 0.1  # confidence below which there is no key at all
TOLD_SHARE = 0.001  # share by which a stated tempo differs from the measured one before that is told
SILENCE_SECONDS = 0.05  # a longer silence in front is cut off before anything is measured
SLOWEST_BPM, FASTEST_BPM = 40.0, 240.0  # of a tempo that can be stated
BARS_AGREE = 0.015  # share by which a measured tempo may differ from the one that a stated number of bars gives
OCTAVE_BPM = 110.0  # a slower tempo might be counted twice as fast, a faster one half as fast


def measure(
    audio: Audio, *, bpm: float | None = None, key: str | None = None, stated: Stated | None = None
) -> Passport:
    """Measures a sound of at least 0.4 s, in about 10 ms for each second of it.

    A sound without a beat gets the tempo asked for (or 120) with confidence 0; one without a pitch gets no key.

    Args:
        audio: The sound.
        bpm: The tempo asked for, which is tried first; None tries all. Another is measured if it is clearly heard.
        key: The key asked for, which is only noted beside the measured one.
        stated: What somebody knows about the time of the sound, which is kept; the bars to write are then found too.
    """
    extent = hear_extent(audio)
    cut = extent.begins if extent.begins > SILENCE_SECONDS else 0.0
    heard = Audio(audio.samples[:, round(cut * audio.sample_rate) :], audio.sample_rate)
    onsets, chroma = hear_onsets(heard), hear_chroma(heard)
    said = stated or Stated()
    asked, metre = said.bpm or bpm, Metre("4/4", True)
    kept = said.bpm or _bpm_of_bars(said, onsets, extent)
    pulse = _pulse(onsets, asked, kept)
    if stated:
        metre = Metre(said.metre, True) if said.metre else _metre(onsets, pulse)
        if metre.is_triplets and not kept:
            kept, metre = pulse.bpm * 4 / 3, Metre("4/4", True)
            pulse = replace(_pulse(onsets, kept, kept), confidence=pulse.confidence)
    name = metre.name if metre.is_written else "4/4"
    grid = Grid(pulse.bpm, 0.0, 0, pulse.swing, name)
    downbeat, downbeat_confidence = find_downbeat(onsets, chroma, pulse, grid.sixteenths_per_bar)
    is_sure = pulse.confidence >= SURE_OF_BEAT
    grid = replace(grid, downbeat=downbeat + cut)
    extent = replace(extent, last_onset=_last_onset(onsets, extent, cut))
    can_be_whole = replace(extent, begins=cut)
    grid = place_bars(can_be_whole, grid, said, is_sure=bool(stated) and (is_sure or bool(kept)))
    tempos: tuple[tuple[float, float], ...] = ()
    if stated and is_sure and not kept:
        grid, tempos = _with_changes(onsets, pulse, grid, cut, audio.seconds)
    (best, confidence), *others = rank_keys(chroma, grid.downbeat - cut)[:3] or [("", 0.0)]
    if confidence < NO_KEY_BELOW:
        best, others = "", []
    return Passport(
        grid,
        pulse.confidence,
        best,
        confidence,
        tuple(others),
        loudness_lufs(audio),
        true_peak_dbtp(audio),
        asked,
        key,
        downbeat_confidence,
        pulse.drift,
        _heard_besides(onsets, said.bpm) if stated else None,
        _or_bpm(pulse) if stated and is_sure and not kept else None,
        "" if metre.is_written else metre.name,
        tempos,
        bars_to_write(extent, grid, said) if stated else None,
    )


def _pulse(onsets: Onsets, asked: float | None, kept: float | None) -> Pulse:
    """Finds the pulse; at the tempo that is kept, or if none is heard at the one asked for."""
    pulse = find_pulse(onsets, kept or asked, keep=bool(kept))
    if pulse and asked and not kept and pulse.confidence < SURE_OF_BEAT:
        at_asked = find_pulse(onsets, asked, keep=True)
        pulse = at_asked and replace(at_asked, confidence=pulse.confidence)
    return pulse or Pulse(kept or asked or GUESSED_BPM, 0.0, STRAIGHT, 0.0, 0.0)


def _bpm_of_bars(said: Stated, onsets: Onsets, extent: Extent) -> float | None:
    """Returns the tempo at which the sound has the stated number of bars, if that is near a tempo that is heard."""
    if said.bpm or not said.bars:
        return None
    bars = Grid(60.0, 0.0, said.bars, metre=said.metre or "4/4")
    bpm = 60 * bars.end / max(extent.seconds - (said.downbeat or 0.0), 1e-3)
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        return None
    pulse = find_pulse(onsets, bpm)
    is_heard = pulse is None or pulse.confidence < SURE_OF_BEAT or abs(pulse.bpm / bpm - 1) < BARS_AGREE
    return bpm if is_heard else None


def _metre(onsets: Onsets, pulse: Pulse) -> Metre:
    return hear_metre(onsets, pulse) if pulse.confidence >= SURE_OF_BEAT else Metre("4/4", True)


def _last_onset(onsets: Onsets, extent: Extent, cut: float) -> float:
    times = pick_onsets(onsets.strength)[0]
    return min(float(times[-1]) + cut, extent.ends) if len(times) else extent.begins


def _with_changes(
    onsets: Onsets, pulse: Pulse, grid: Grid, cut: float, seconds: float
) -> tuple[Grid, tuple[tuple[float, float], ...]]:
    """Returns the grid with a section for each tempo, and second and BPM of each; the grid alone if it is constant."""
    stretches = find_stretches(*pick_onsets(onsets.strength), pulse.bpm)
    if len(stretches) < 2:
        return grid, ()
    moved = tuple(replace(each, begins=each.begins + cut, phase=each.phase + cut) for each in stretches)
    return with_changes(grid, moved, seconds), tuple((each.begins, each.bpm) for each in moved)


def _heard_besides(onsets: Onsets, stated: float | None) -> float | None:
    """Returns the tempo that is clearly heard where another is stated, octaves apart."""
    pulse = find_pulse(onsets) if stated else None
    if pulse is None or not stated or pulse.confidence < SURE_OF_BEAT:
        return None
    octaves = [abs(stated * factor / pulse.bpm - 1) for factor in (0.5, 1, 2)]
    return pulse.bpm if min(octaves) > TOLD_SHARE else None


def _or_bpm(pulse: Pulse) -> float:
    """Returns the other octave in which a beat might be counted."""
    return pulse.bpm * 2 if pulse.bpm < OCTAVE_BPM else pulse.bpm / 2
