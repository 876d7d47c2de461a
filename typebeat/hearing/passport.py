"""The passport of a sound: its grid (tempo, first downbeat, bars, swing), its key and its level, and that in words.

`measuring.measure` fills it, and all later parts build on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typebeat.hearing.bars import Written
from typebeat.hearing.grid import STRAIGHT, Grid

HALF_TIME_FROM_BPM = 115.0  # from this tempo on, rap beats feel half as fast, with a snare on beat three alone
DRIFT_SECONDS = 0.015  # a tempo that drifts further is not constant
SURE_OF_BEAT = 0.3  # confidence from which a steady beat was heard
SURE_OF_KEY = 0.2  # confidence from which a key was heard
BPM_TOLERANCE = 0.2  # a measured tempo this close counts as the one asked for


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
    heard_bpm: float | None = None  # the tempo that is heard where another one is stated
    or_bpm: float | None = None  # the tempo at which the same beat might be counted as well
    told_metre: str = ""  # a metre that is heard but not written
    tempos: tuple[tuple[float, float], ...] = ()  # (second, BPM) of each stretch if the tempo changes
    written: Written | None = None  # the bars that a MIDI file holds; None if nobody wants to write any

    @property
    def midi_grid(self) -> Grid:
        """The grid of a MIDI file of the sound."""
        return self.written.grid if self.written else self.grid

    @property
    def felt_bpm(self) -> float:
        """The tempo to nod to: half the written one if the beat is in half-time."""
        return self.grid.bpm / 2 if self.grid.bpm >= HALF_TIME_FROM_BPM else self.grid.bpm

    @property
    def tempo_words(self) -> str:
        """The tempo in words, such as "140 BPM, felt at 70" or "92.5 BPM"."""
        written = f"{self.grid.bpm:{'.10g' if self.grid.bpm == self.asked_bpm else '.4g'}} BPM"
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
        lines += [f"           {doubt}" for doubt in self.doubts()]
        if heard or self.written:
            sure = f"confidence {self.downbeat_confidence:.2f}"
            lines.append(f"downbeat:  {grid.downbeat:.3f} s after the start ({sure})")
            lines.append(f"bars:      {grid.all_bars} whole bars of {grid.metre}")
        if self.written:
            lines.append(f"MIDI:      {self.written_words}")
        if heard:
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

    def doubts(self) -> list[str]:
        """What is not certain about the time of the sound, each with what settles it."""
        said = []
        if self.heard_bpm is not None:
            said.append(f"kept as stated; measured alone it would be {self.heard_bpm:.5g} BPM")
        if self.tempos:
            steps = ", ".join(f"{bpm:.5g} BPM from {second:.2f} s" for second, bpm in self.tempos)
            how = "written as a tempo map" if self.grid.later else "written at one tempo all the same"
            said.append(f"it is not constant, the tempo changes: {steps}; {how}")
        elif self.drift_seconds > DRIFT_SECONDS:
            said.append(f"it is not constant: beats walk by {1000 * self.drift_seconds:.0f} ms")
        if self.or_bpm is not None:
            said.append(f"or {self.or_bpm:.5g} BPM: the same beat counted in another way; state the tempo to settle it")
        if self.told_metre:
            said.append(f"it sounds like {self.told_metre}; written in {self.grid.metre} unless that metre is stated")
        return said

    @property
    def written_words(self) -> str:
        """Which bars a MIDI file holds, and what of the sound it leaves out."""
        if self.written is None:
            return ""
        grid, pickup = self.written.grid, self.written.pickup_bars
        bars = f"{grid.all_bars} bar{'s' * (grid.all_bars != 1)} of {grid.metre}"
        first = " from bar 0, the pickup," if pickup == 1 else f" from {pickup} bars before bar 1" if pickup else ""
        left = f"; left out: {self.written.left_out}" if self.written.left_out else ""
        return f"{bars}{first} begin at {grid.downbeat:.3f} s of the sound; bar 1 at {self.grid.downbeat:.3f} s{left}"

    def facts(self) -> dict[str, Any]:
        """Returns plain values for the recipe, the API and `--json`; the level of silence is None."""
        return {
            "bpm": self.grid.bpm if self.grid.bpm == self.asked_bpm else round(self.grid.bpm, 2),
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
            "metre": self.grid.metre,
            "told_metre": self.told_metre,
            "heard_bpm": None if self.heard_bpm is None else round(self.heard_bpm, 2),
            "or_bpm": None if self.or_bpm is None else round(self.or_bpm, 3),
            "tempos": [[round(second, 3), round(bpm, 2)] for second, bpm in self.tempos],
            "doubts": self.doubts(),
            **self._written_facts(),
        }

    def _written_facts(self) -> dict[str, Any]:
        """Where the MIDI's zero and bar 1 lie in the sound, and what a MIDI file leaves out."""
        if self.written is None:
            return {}
        return {
            "midi_zero_seconds": round(self.written.grid.downbeat, 4),
            "bar_1_seconds": round(self.grid.downbeat, 4),
            "first_bar": 1 - self.written.pickup_bars,
            "bars_written": self.written.grid.all_bars,
            "left_out": self.written.left_out,
        }


def _level(decibels: float) -> float | None:
    return None if decibels == float("-inf") else round(decibels, 2)
