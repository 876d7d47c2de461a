"""A beat in parts: what the mix of corpus beats holds, by style, and what mixing costs.

    python -m benchmarks.parts                    the whole table, in about a quarter of an hour on one free core
    python -m benchmarks.parts --quick --json     a small part of the same in under a minute

Every measure is a function from a number of beats to figures by column: the mix of the parts that the corpus plays, at
the rate and with the style of a pack, and those of `parts_made.py`. Seeds are of beats that nothing was trained or
tuned on.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfiltfilt

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.parts_made import measure_again, measure_notes
from benchmarks.report import leave, read_options
from training.starter.simple_corpus.beats import make_beat
from typebeat.request.styles import STYLES
from typebeat.sound.audio import SAMPLE_RATE, Audio, resample
from typebeat.sound.mastering import loudness_lufs, true_peak_dbtp
from typebeat.sound.mixing import Mix, mix_parts

MEASURED_SEEDS = 500_000  # and upwards
BARS = 8
BEATS_A_STYLE_QUICK = 1
PHONE_HZ = 300.0  # below it a telephone's speaker plays nothing
ALL = "all"  # the column over all styles

Columns = dict[str, dict[str, float]]  # name of a column -> its figures


@dataclass(frozen=True)
class Measured:
    """What one mix measures.

    Attributes:
        sum_error: The most that the sum of the stems is off the beat, of full scale.
        mono_loss_db: How much quieter it is in mono, in power or in loudness, whichever is more.
        correlation: Of left and right.
        side_db: Energy of the side beside the mid above 300 Hz.
        lufs_off: How far the loudness is off -14 LUFS.
        true_peak_dbtp: Of the beat.
        bass_on_phone_db: The 808 beside the mix above 300 Hz; "_dry" is the same of the plain sum.
        mix_s: Seconds of one core for 8 bars.
    """

    sum_error: float
    mono_loss_db: float
    correlation: float
    side_db: float
    lufs_off: float
    true_peak_dbtp: float
    bass_on_phone_db: float
    bass_on_phone_db_dry: float
    mix_s: float


def measure_mixes(beats_a_style: int) -> Columns:
    """Mixes corpus beats of each style; worst cases where a bar has to be cleared, means otherwise."""
    by_style: dict[str, list[Measured]] = {}
    for number, style in enumerate(STYLES):
        first = MEASURED_SEEDS + 1000 * number
        by_style[style] = [_measure_mix(seed, style) for seed in range(first, first + beats_a_style)]
    every = [one for measured in by_style.values() for one in measured]
    return {ALL: _summed_up(every), **{style: _summed_up(measured) for style, measured in by_style.items()}}


MEASURES: tuple[tuple[Callable[[int], Columns], int], ...] = (  # beats of each style in a whole run
    (measure_mixes, 10),
    (measure_again, 3),
    (measure_notes, 10),
)


def _measure_mix(seed: int, style: str) -> Measured:
    beat = make_beat(seed, BARS, style)
    stems = np.stack(list(beat.stems.values()))
    sounds = resample(Audio(stems, beat.sample_rate), SAMPLE_RATE).samples
    parts = {name: Audio(sound, SAMPLE_RATE) for name, sound in zip(beat.stems, sounds, strict=True)}
    mix_parts(parts, style, beat.score.bpm)  # so that no library is loaded while time is taken
    started = time.process_time()
    mix = mix_parts(parts, style, beat.score.bpm)
    took = time.process_time() - started
    dry = mix_parts(parts, style, beat.score.bpm, mode="dry")
    left, right = mix.beat.samples.astype(np.float64)
    mid, side = (left + right) / 2, (left - right) / 2
    mono = Audio(np.stack([mid, mid]), SAMPLE_RATE)
    loudness = loudness_lufs(mix.beat)
    total = sum(stem.samples.astype(np.float64) for stem in mix.stems.values())
    return Measured(
        sum_error=float(np.abs(total - mix.beat.samples).max()),
        mono_loss_db=max(loudness - loudness_lufs(mono), _decibels(left, right) - _decibels(mid)),
        correlation=float(np.corrcoef(left, right)[0, 1]),
        side_db=_decibels(_on_phone(side)) - _decibels(_on_phone(mid)),
        lufs_off=abs(loudness + 14),
        true_peak_dbtp=true_peak_dbtp(mix.beat),
        bass_on_phone_db=_bass_on_phone(mix),
        bass_on_phone_db_dry=_bass_on_phone(dry),
        mix_s=took,
    )


def _summed_up(measured: list[Measured]) -> dict[str, float]:
    def column(name: str) -> list[float]:
        return [getattr(one, name) for one in measured]

    worst = {name: max(column(name)) for name in ("sum_error", "mono_loss_db", "lufs_off", "true_peak_dbtp")}
    means = ("side_db", "bass_on_phone_db", "bass_on_phone_db_dry", "mix_s")
    return {
        "beats": len(measured),
        **worst,
        "correlation": min(column("correlation")),
        **{name: float(np.mean(column(name))) for name in means},
    }


def _bass_on_phone(mix: Mix) -> float:
    return _decibels(_on_phone(mix.stems["808"].samples[0])) - _decibels(_on_phone(mix.beat.samples[0]))


def _on_phone(samples: np.ndarray) -> np.ndarray:
    return sosfiltfilt(butter(4, PHONE_HZ, "high", fs=SAMPLE_RATE, output="sos"), samples)


def _decibels(*channels: np.ndarray) -> float:
    return float(10 * np.log10(np.mean([np.mean(np.square(each)) for each in channels]) + 1e-20))


def main() -> None:
    """Measures, and leaves table and JSON."""
    options = read_options(__doc__)
    columns: Columns = {}
    for measure, beats_a_style in MEASURES:
        for name, figures in measure(BEATS_A_STYLE_QUICK if options.quick else beats_a_style).items():
            columns.setdefault(name, {}).update(figures)
    leave("parts", {**columns[ALL], "columns": columns}, options)


if __name__ == "__main__":
    main()
