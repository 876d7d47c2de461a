"""What a producer's sample is: tempo, first downbeat, bars, key, tuning, which parts it holds, whether it is steady.

Most samples are loops, cut to whole bars: a length that is whole bars at a tempo near the measured one tells the tempo
to the sample, and then the first downbeat is the first sample. `corrected` applies what the user knows better. Nothing
is changed in the sound: `sound/stretching.py` does that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.hearing.measuring import measure
from typebeat.hearing.metre import hear_metre
from typebeat.hearing.onsets import hear_onsets, pick_onsets
from typebeat.hearing.passport import SURE_OF_BEAT, SURE_OF_KEY, Passport
from typebeat.hearing.strikes import HEARD, Struck, hear_struck, peaks
from typebeat.hearing.tempo import find_pulse
from typebeat.hearing.tempo_changes import find_stretches
from typebeat.hearing.tuning import SURE_OF_TUNING, measure_tuning
from typebeat.request.options import RequestError, shown
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.request.words import canonical_key
from typebeat.sound.audio import Audio

STEADY_SECONDS = 0.03  # a tempo that walks further is not steady
LOOP_BARS = (1, 2, 4, 8, 16, 32, 3, 6, 12, 24)
SLOWEST_BPM, FASTEST_BPM = 60.0, 180.0

_LOOP_WITHIN = 0.012  # share by which the tempo of a whole number of bars may differ from the measured one
_STARTS_WITHIN = 0.06  # s: a loop's first sound
_STRUCK, _APART_SECONDS = 0.6, 0.06
_DRUMS_A_BAR = {"kick": 0.75, "snare": 0.75, "hats": 2.0}  # so many hits a bar are drums, not chance
_BASS_A_BAR = 0.75
_KINDS = {"kick": ("kick",), "snare": ("snare", "clap"), "hats": ("closed_hat", "open_hat")}


@dataclass(frozen=True)
class HeardSample:
    """A sample as it was heard, or as it was corrected.

    Attributes:
        grid: Its tempo, first downbeat in s and whole bars.
        is_loop: Whether its length is whole bars: it can be repeated as it is.
        sure_of_beat: 0 to 1; a loop's length alone counts as little.
        key: Canonical key; empty where nothing has a pitch.
        sure_of_key: 0 to 1.
        tuning_cents: Above A = 440 Hz, -50 to 50.
        sure_of_tuning: 0 to 1.
        holds: Parts that it holds already, of "drums" and "808".
        drift_seconds: How far its beats walk from one end to the other.
        seconds: Its length.
        corrected: What was corrected, in words.
        told_metre: A metre other than 4/4 that was clearly heard; empty for 4/4, and for a loop of 1, 2, 4 ... bars.
        tempos: Each tempo in BPM, where it goes on at another one; empty for one tempo.
    """

    grid: Grid
    is_loop: bool
    sure_of_beat: float
    key: str
    sure_of_key: float
    tuning_cents: float
    sure_of_tuning: float
    holds: tuple[str, ...]
    drift_seconds: float
    seconds: float
    corrected: tuple[str, ...] = ()
    told_metre: str = ""
    tempos: tuple[float, ...] = ()

    @property
    def steady(self) -> bool:
        """Whether one tempo fits it from end to end."""
        is_heard = self.sure_of_beat >= SURE_OF_BEAT or self.is_loop
        return is_heard and self.drift_seconds <= STEADY_SECONDS and not self.tempos

    def lines(self) -> list[str]:
        """What was heard in plain words, a line each."""
        guess = "" if self.sure_of_beat >= SURE_OF_BEAT else " (a guess: hardly a beat was heard)"
        where = "from its first sample" if self.grid.downbeat == 0 else f"from {self.grid.downbeat:.3f} s on"
        lines = [f"{self.grid.bpm:.5g} BPM{guess}, {self.grid.bars} whole bars {where}"]
        if not self.steady:
            lines.append("its tempo is not steady: say the tempo, or cut it to a part that is")
        if self.key:
            lines.append(f"{self.key}{'' if self.sure_of_key >= SURE_OF_KEY else ' (a guess)'}")
        else:
            lines.append("no key: nothing in it has a pitch")
        if self.sure_of_tuning >= SURE_OF_TUNING:
            off = round(self.tuning_cents)
            lines.append(f"tuned {off:+d} cents" if off else "in tune with A = 440 Hz")
        held = " and ".join(self.holds)
        lines.append(f"it holds {held} already" if held else "neither drums nor an 808 were heard in it")
        return [*lines, *(f"corrected: {each}" for each in self.corrected)]


def hear_sample(audio: Audio, *, bpm: float | None = None) -> HeardSample:
    """Hears what a sample is.

    Args:
        audio: At least 0.4 s, of any rate and channel count.
        bpm: Its tempo where the user knows it: kept exactly, only the downbeat is looked for.
    """
    passport = measure(audio, bpm=bpm)
    metre, tempos, are_triplets = _metre_and_tempos(audio, passport)
    if are_triplets and bpm is None:  # 4/4 in triplets, which were taken for sixteenths
        passport = measure(audio, bpm=passport.grid.bpm * 4 / 3)
    grid, is_loop = _grid(audio, passport, bpm)
    tuning = measure_tuning(audio)
    return HeardSample(
        grid,
        is_loop,
        passport.bpm_confidence if bpm is None else 1.0,
        passport.key,
        passport.key_confidence,
        tuning.cents,
        tuning.sure,
        parts_held(hear_struck(audio), max(1.0, audio.seconds / grid.bar_seconds)),
        passport.drift_seconds,
        audio.seconds,
        told_metre="" if is_loop and grid.bars & (grid.bars - 1) == 0 else metre,
        tempos=tempos,
    )


def corrected(sample: HeardSample, *, tempo: str = "", shift_beats: int = 0, key: str | None = None) -> HeardSample:
    """The same with what the user knows better.

    Args:
        sample: As heard.
        tempo: "x2" or "/2"; empty leaves it.
        shift_beats: By which the first downbeat is later, or earlier where below 0; it stays within the first bar.
        key: Any spelling of a key; None leaves it.

    Raises:
        RequestError: `tempo` is neither, or `key` is none.
    """
    said = list(sample.corrected)
    grid, key_name = sample.grid, sample.key
    if tempo:
        if tempo not in ("x2", "/2"):
            raise RequestError("tempo", f"the tempo can be corrected by x2 or /2, not {shown(tempo)}")
        grid = replace(grid, bpm=grid.bpm * 2 if tempo == "x2" else grid.bpm / 2)
        said.append(f"tempo {tempo}")
    if shift_beats:
        grid = replace(grid, downbeat=(grid.downbeat + shift_beats * grid.beat_seconds) % grid.bar_seconds)
        said.append(f"downbeat {shift_beats:+d} beats")
    grid = replace(grid, bars=_whole_bars(sample.seconds - grid.downbeat, grid.bar_seconds))
    if key is not None:
        key_name = canonical_key(key) or ""
        if not key_name:
            raise RequestError("key", f"key {shown(key)} is unknown; write one such as F minor or C# major")
        said.append(f"key {key_name}")
    sure = 1.0 if key is not None else sample.sure_of_key
    return replace(sample, grid=grid, key=key_name, sure_of_key=sure, corrected=tuple(said))


def parts_held(struck: Struck, bars: float) -> tuple[str, ...]:
    """Which of "drums" and "808" are heard in a sound of so many bars."""
    hits = {name: len(peaks(struck.sure[:, place], _STRUCK, _APART_SECONDS)) for place, name in enumerate(HEARD)}
    kinds = {kind: sum(hits[name] for name in names) / bars for kind, names in _KINDS.items()}
    drums = sum(kinds[kind] >= least for kind, least in _DRUMS_A_BAR.items()) >= 2
    return ("drums",) * drums + ("808",) * (hits["bass"] / bars >= _BASS_A_BAR)


def _metre_and_tempos(audio: Audio, passport: Passport) -> tuple[str, tuple[float, ...], bool]:
    """The metre if it is another than 4/4, the tempos if there are several, and whether 4/4 is played in triplets."""
    onsets = hear_onsets(audio)
    pulse = find_pulse(onsets, passport.grid.bpm)
    if pulse is None or pulse.confidence < SURE_OF_BEAT:
        return "", (), False
    metre = hear_metre(onsets, pulse)
    stretches = find_stretches(*pick_onsets(onsets.strength), pulse.bpm)
    tempos = tuple(round(each.bpm, 1) for each in stretches) if len(stretches) > 1 else ()
    is_other = metre.name != "4/4" and not metre.is_triplets
    return metre.name if is_other else "", tempos, metre.is_triplets


def _grid(audio: Audio, passport: Passport, bpm: float | None) -> tuple[Grid, bool]:
    """The grid, and whether the sound is a loop of whole bars."""
    measured = passport.grid.bpm
    wholes = {bars: bars * BEATS_PER_BAR * 60 / audio.seconds for bars in LOOP_BARS}
    if bpm is not None:
        bars = next((n for n, whole in wholes.items() if abs(whole / bpm - 1) < _LOOP_WITHIN), None)
        downbeat = 0.0 if bars else passport.grid.downbeat
        grid = Grid(bpm, downbeat, bars or _whole_bars(audio.seconds - downbeat, BEATS_PER_BAR * 60 / bpm))
        return replace(grid, swing=passport.grid.swing), bars is not None
    near = {
        bars: whole
        for bars, whole in wholes.items()
        if SLOWEST_BPM <= whole <= FASTEST_BPM
        and (passport.bpm_confidence < SURE_OF_BEAT or _near_octave(whole / measured) < _LOOP_WITHIN)
    }
    if not near or _first_sound(audio) > _STARTS_WITHIN:
        return passport.grid, False
    # bars of a power of two first, as LOOP_BARS has them; among these the tempo nearest to the measured one
    twos = {bars: whole for bars, whole in near.items() if bars & (bars - 1) == 0} or near
    bars = min(twos, key=lambda n: abs(np.log2(twos[n] / measured)))
    return Grid(twos[bars], 0.0, bars, passport.grid.swing), True


def _near_octave(ratio: float) -> float:
    """How far a ratio of tempos is from 1, 2 or a half, as a share."""
    return min(abs(ratio * factor - 1) for factor in (1.0, 2.0, 0.5))


def _first_sound(audio: Audio) -> float:
    """Seconds to the first sample that is heard."""
    level = np.abs(audio.samples).max(axis=0)
    return float(np.argmax(level > 0.02 * level.max()) / audio.sample_rate)


def _whole_bars(seconds: float, bar_seconds: float) -> int:
    """How many bars fit, with a sixteenth's tolerance for a sound that was cut a little short."""
    return int(max(0.0, seconds) / bar_seconds + 1 / 16)
