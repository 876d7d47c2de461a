"""Measures the passport of a sound: its grid (tempo, first downbeat, bars, swing), its key and its level.

`Grid` and `Passport` are the records that all later parts build on; `measure` fills them. Everything is in 4/4 at a
constant tempo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typebeat.hearing.chroma import hear_chroma
from typebeat.hearing.downbeat import find_downbeat
from typebeat.hearing.key import rank_keys
from typebeat.hearing.onsets import hear_onsets
from typebeat.hearing.tempo import SIXTEENTHS_PER_BEAT, Pulse, find_pulse
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs, true_peak_dbtp

STRAIGHT = 0.5  # swing: share of a pair of sixteenths that the first takes
HALF_TIME_FROM_BPM = 115.0  # from this tempo on, rap beats feel half as fast, with a snare on beat three alone
DRIFT_SECONDS = 0.015  # a tempo that drifts further is not constant
GUESSED_BPM = 120.0  # tempo of a sound without a beat, if none is asked for
SURE_OF_BEAT = 0.3  # confidence from which a steady beat was heard
SURE_OF_KEY = 0.2  # confidence from which a key was heard
BPM_TOLERANCE = 0.2  # a measured tempo this close counts as the one asked for


@dataclass(frozen=True)
class Grid:
    """The beats and bars of a sound at one constant tempo."""

    bpm: float  # beats a minute
    downbeat: float  # seconds from the first sample to the first downbeat, >= 0
    bars: int  # number of whole bars of four beats from there to the end; may be 0
    swing: float = STRAIGHT  # share of a pair of sixteenths that the first takes: 0.5 straight, 0.667 triplet

    @property
    def beat_seconds(self) -> float:
        """Length of a beat in seconds."""
        return 60 / self.bpm

    @property
    def bar_seconds(self) -> float:
        """Length of a bar in seconds."""
        return BEATS_PER_BAR * self.beat_seconds

    @property
    def sixteenth_seconds(self) -> float:
        """Length of a straight sixteenth in seconds."""
        return self.beat_seconds / SIXTEENTHS_PER_BEAT

    @property
    def end(self) -> float:
        """Seconds from the first sample to the end of the last whole bar."""
        return self.downbeat + self.bars * self.bar_seconds


@dataclass(frozen=True)
class Passport:
    """The measurements of a sound, beside what was asked for."""

    grid: Grid  # its beats and bars
    bpm_confidence: float  # 0 (no beat was found, the tempo is a guess) to 1
    key: str  # canonical key, such as "F minor"; empty if nothing has a pitch
    key_confidence: float  # 0 (a guess) to 1
    next_keys: tuple[tuple[str, float], ...]  # the two next best keys with their confidence, best first
    lufs: float  # integrated loudness, -inf for silence
    true_peak_dbtp: float  # true peak, -inf for silence
    asked_bpm: float | None = None  # the tempo asked for, if any
    asked_key: str | None = None  # the key asked for, if any
    downbeat_confidence: float = 0.0  # 0 to 1
    drift_seconds: float = 0.0  # how far the beats drift from the grid over the whole sound

    @property
    def felt_bpm(self) -> float:
        """The tempo to nod to: half the written one if the beat is in half-time."""
        return self.grid.bpm / 2 if self.grid.bpm >= HALF_TIME_FROM_BPM else self.grid.bpm

    @property
    def tempo_words(self) -> str:
        """The tempo in words, such as "140 BPM, felt at 70" or "92.5 BPM"."""
        written = f"{self.grid.bpm:.4g} BPM"
        return written if self.felt_bpm == self.grid.bpm else f"{written}, felt at {self.felt_bpm:.4g}"

    @property
    def has_beat(self) -> bool:
        """Whether a steady beat was heard."""
        return self.bpm_confidence >= SURE_OF_BEAT

    @property
    def bpm_hit(self) -> bool | None:
        """Whether the tempo is the one asked for; None if none was asked for or no beat was heard."""
        if self.asked_bpm is None or not self.has_beat:
            return None
        return abs(self.grid.bpm - self.asked_bpm) <= BPM_TOLERANCE

    @property
    def key_hit(self) -> bool | None:
        """Whether the key is the one asked for; None if none was asked for."""
        return None if self.asked_key is None else self.key == self.asked_key

    def lines(self) -> list[str]:
        """Describes the measurements in plain words, one a line; guesses are called guesses."""
        grid, heard = self.grid, self.has_beat
        asked = {True: "as asked", False: f"asked for {self.asked_bpm or 0:g} BPM", None: ""}[self.bpm_hit]
        sure = f"confidence {self.bpm_confidence:.2f}" if heard else "a guess: no steady beat was heard"
        swing = "straight" if abs(grid.swing - STRAIGHT) < 0.01 else f"{100 * grid.swing:.0f} %"
        others = ", ".join(f"{key} ({confidence:.2f})" for key, confidence in self.next_keys)
        lines = [f"tempo:     {self.tempo_words} ({', '.join(filter(None, (sure, asked)))})"]
        if self.drift_seconds > DRIFT_SECONDS:
            lines.append(f"           it is not constant: beats walk by {1000 * self.drift_seconds:.0f} ms")
        if heard:
            sure = f"confidence {self.downbeat_confidence:.2f}"
            lines.append(f"downbeat:  {grid.downbeat:.3f} s after the start ({sure})")
            lines.append(f"bars:      {grid.bars} whole bars of 4/4")
            lines.append(f"swing:     {swing}")
        if self.key:
            asked = {True: "as asked", False: f"asked for {self.asked_key}", None: ""}[self.key_hit]
            guess = self.key_confidence < SURE_OF_KEY
            sure = "a guess: hardly a key was heard" if guess else f"confidence {self.key_confidence:.2f}"
            lines.append(f"key:       {self.key} ({', '.join(filter(None, (sure, asked)))}); next {others}")
        else:
            lines.append("key:       none: nothing in it has a pitch")
        lines.append(f"loudness:  {self.lufs:.1f} LUFS, true peak {self.true_peak_dbtp:.1f} dBTP")
        return lines

    def facts(self) -> dict[str, Any]:
        """Returns plain values for the recipe, the API and `--json`; the level of silence is None."""
        return {
            "bpm": round(self.grid.bpm, 2),
            "bpm_confidence": round(self.bpm_confidence, 2),
            "tempo": self.tempo_words,
            "downbeat_seconds": round(self.grid.downbeat, 4),
            "downbeat_confidence": round(self.downbeat_confidence, 2),
            "bars": self.grid.bars,
            "swing": round(self.grid.swing, 3),
            "drift_ms": round(1000 * self.drift_seconds, 1),
            "key": self.key,
            "key_confidence": round(self.key_confidence, 2),
            "next_keys": [[key, round(confidence, 2)] for key, confidence in self.next_keys],
            "lufs": _level(self.lufs),
            "true_peak_dbtp": _level(self.true_peak_dbtp),
            "asked_bpm": self.asked_bpm,
            "asked_key": self.asked_key,
            "bpm_hit": self.bpm_hit,
            "key_hit": self.key_hit,
        }


def _level(decibels: float) -> float | None:
    return None if decibels == float("-inf") else round(decibels, 2)


def measure(audio: Audio, *, bpm: float | None = None, key: str | None = None) -> Passport:
    """Measures a sound of at least 0.4 s, in about 10 ms for each second of it.

    A sound without a beat gets the tempo asked for (or 120) with confidence 0; one without a pitch gets no key.

    Args:
        audio: The sound.
        bpm: The tempo asked for, which is tried first; None tries all.
        key: The key asked for, which is only noted beside the measured one.
    """
    onsets, chroma = hear_onsets(audio), hear_chroma(audio)
    pulse = find_pulse(onsets, bpm) or Pulse(bpm or GUESSED_BPM, 0.0, STRAIGHT, 0.0, 0.0)
    downbeat, downbeat_confidence = find_downbeat(onsets, chroma, pulse)
    grid = Grid(pulse.bpm, downbeat, _whole_bars(audio.seconds - downbeat, pulse.bpm), pulse.swing)
    (best, confidence), *others = rank_keys(chroma, downbeat)[:3] or [("", 0.0)]
    return Passport(
        grid,
        pulse.confidence,
        best,
        confidence,
        tuple(others),
        loudness_lufs(audio),
        true_peak_dbtp(audio),
        bpm,
        key,
        downbeat_confidence,
        pulse.drift,
    )


def _whole_bars(seconds: float, bpm: float) -> int:
    """Returns how many bars fit; half a sixteenth may be missing from a file that was cut a little short."""
    sixteenths = seconds * bpm / 60 * SIXTEENTHS_PER_BEAT
    return int((sixteenths + 0.5) // (SIXTEENTHS_PER_BEAT * BEATS_PER_BAR))
