"""The pitch of one voice over time: hummed, sung or whistled. numpy and soxr only.

Every 10 ms, periods under which the sound repeats are found as in YIN (de Cheveigné and Kawahara, 2002), each as likely
as pYIN makes it (Mauch and Dixon, 2014); the likeliest way through them is the track. It has no weights, and it hears
one voice: of a chord it follows any note or none. Notes are cut out of a track in `midi/voice.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.sound.audio import Audio, mono, resample

RATE = 24_000  # Hz
HOP = 240  # samples: 10 ms
FRAME_SECONDS = HOP / RATE
LOWEST_HZ, HIGHEST_HZ = 65.0, 3_200.0  # a deep hum to a whistle
A4_HZ, A4_PITCH = 440.0, 69

_WINDOW = 768  # samples over which two periods are compared: 32 ms
_LONGEST_LAG = int(RATE / LOWEST_HZ) + 2
_SHORTEST_LAG = int(RATE / HIGHEST_HZ)
_REFINED_LAG = 240  # samples: a short period is measured over as many as fit into these
_CANDIDATES = 6  # periods of a frame that are followed
_THRESHOLDS = np.arange(1, 101) / 100  # of YIN; how likely each is right: a beta distribution of 2 and 18
_PRIOR = _THRESHOLDS * (1 - _THRESHOLDS) ** 17 / np.sum(_THRESHOLDS * (1 - _THRESHOLDS) ** 17)
_NONE_BELOW = 0.01  # what the deepest dip still counts where it is above a threshold
_JUMP_COST, _DEAREST_JUMP = 0.6, 5.0  # nats for each semitone from one frame to the next, up to this
_TURN_COST = 4.0  # nats for a voice that begins or ends
_FAINT_DB = -42.0  # below the loud frames: nobody sings there
_SILENCE = 1e-4  # RMS
_BLOCK_FRAMES = 2_000


@dataclass(frozen=True)
class PitchTrack:
    """One voice every `FRAME_SECONDS`; frame i is centred on i x 10 ms.

    Attributes:
        pitch: (frames,) MIDI pitch with fractions; NaN where nobody sings.
        sure: (frames,) 0 to 1: how regular the sound is at its pitch.
        level: (frames,) in dB of full scale.
    """

    pitch: np.ndarray
    sure: np.ndarray
    level: np.ndarray

    @property
    def voiced_share(self) -> float:
        """Share of the frames in which a voice is heard."""
        return float(np.isfinite(self.pitch).mean())


def track_pitch(audio: Audio) -> PitchTrack:
    """Follows one voice through a sound of any rate and channel count; about 20 ms for each second of it."""
    samples = resample(mono(audio), RATE).samples[0].astype(np.float64)
    reach = _WINDOW + _LONGEST_LAG
    frames = 1 + len(samples) // HOP
    padded = np.pad(samples, (reach // 2, reach))
    views = np.lib.stride_tricks.sliding_window_view(padded, reach)[::HOP][:frames]
    pitch, odds, level = (np.empty(shape) for shape in ((frames, _CANDIDATES), (frames, _CANDIDATES), (frames,)))
    for first in range(0, frames, _BLOCK_FRAMES):
        block = slice(first, first + _BLOCK_FRAMES)
        unlike = _unlikeness(views[block])
        pitch[block], odds[block] = _candidates(unlike)
        level[block] = np.sqrt((views[block] ** 2).mean(axis=1))
    loud = max(float(np.percentile(level, 95)), _SILENCE)
    odds[level < max(loud * 10 ** (_FAINT_DB / 20), _SILENCE)] = 0
    chosen = _likeliest_way(pitch, odds)
    heard = chosen >= 0
    picked = np.maximum(chosen, 0)[:, None]
    return PitchTrack(
        np.where(heard, np.take_along_axis(pitch, picked, 1)[:, 0], np.nan),
        np.where(heard, np.take_along_axis(odds, picked, 1)[:, 0], 0.0),
        20 * np.log10(np.maximum(level, 1e-6)),
    )


def hz_of(pitch: np.ndarray | float) -> np.ndarray | float:
    """Frequency in Hz of a MIDI pitch."""
    return A4_HZ * 2.0 ** ((pitch - A4_PITCH) / 12)


def _unlikeness(views: np.ndarray) -> np.ndarray:
    """How unlike each frame is to itself a lag later, YIN's normalised difference: (frames, lags), 0 alike, 1 not."""
    size = 1 << (views.shape[1] + _WINDOW - 1).bit_length()
    whole = np.fft.rfft(views, size)
    start = np.fft.rfft(views[:, :_WINDOW], size)
    product = np.fft.irfft(whole * start.conj(), size)[:, :_LONGEST_LAG]
    power = np.cumsum(np.pad(views**2, ((0, 0), (1, 0))), axis=1)
    energy = power[:, _WINDOW : _WINDOW + _LONGEST_LAG] - power[:, :_LONGEST_LAG]
    difference = np.maximum(0, energy[:, :1] + energy - 2 * product)
    difference[:, 0] = 0
    mean = np.cumsum(difference, axis=1) / np.maximum(1, np.arange(_LONGEST_LAG))
    normal = difference / np.maximum(mean, 1e-12)
    normal[:, 0] = 1
    return normal


def _candidates(unlike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest periods of each frame: MIDI pitch and likelihood, (frames, candidates); likelihood 0 for none."""
    before, at, after = unlike[:, :-2], unlike[:, 1:-1], unlike[:, 2:]
    dips = (at < before) & (at <= after)
    dips[:, : _SHORTEST_LAG - 1] = False
    depth = np.where(dips, at, 1.0)
    # a threshold chooses the first dip below it: a dip is as likely as the thresholds between it and the lowest before
    lowest_before = np.minimum.accumulate(np.pad(depth, ((0, 0), (1, 0)), constant_values=1.0), axis=1)[:, :-1]
    mass = np.concatenate([[0.0], np.cumsum(_PRIOR)])

    def below(value: np.ndarray) -> np.ndarray:
        return np.interp(value, np.concatenate([[0.0], _THRESHOLDS]), mass)

    odds = np.where(dips, np.maximum(0, below(lowest_before) - below(depth)), 0.0)
    deepest = depth.argmin(axis=1)
    rows = np.arange(len(depth))
    odds[rows, deepest] += _NONE_BELOW * below(depth[rows, deepest]) * dips[rows, deepest]
    lags = np.argpartition(-odds, _CANDIDATES, axis=1)[:, :_CANDIDATES]
    odds = np.take_along_axis(odds, lags, axis=1)
    period = _refined(unlike, lags + 1)
    return A4_PITCH + 12 * np.log2(RATE / period / A4_HZ), odds


def _refined(unlike: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Periods in samples with fractions, of dips at whole lags; a short one as a share of several, (frames, n)."""
    period = _bottom(unlike, lags)
    count = np.maximum(1, (_REFINED_LAG / period).astype(int))
    for times in (2, 4, 8, 16):  # each step is fine enough to find the next
        step = np.minimum(times, count)
        near = np.clip(np.rint(period * step).astype(int), 2, _LONGEST_LAG - 2)
        around = np.stack([np.take_along_axis(unlike, near + shift, axis=1) for shift in (-1, 0, 1)])
        near = near + around.argmin(axis=0) - 1
        period = _bottom(unlike, np.clip(near, 1, _LONGEST_LAG - 2)) / step
    return period


def _bottom(unlike: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Where the parabola through a dip and its neighbours is lowest, in samples."""
    before, at, after = (np.take_along_axis(unlike, lags + shift, axis=1) for shift in (-1, 0, 1))
    bend = before - 2 * at + after
    return lags + np.where(bend > 1e-12, np.clip(0.5 * (before - after) / np.maximum(bend, 1e-12), -0.5, 0.5), 0.0)


def _likeliest_way(pitch: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Viterbi: the candidate of each frame, -1 where nobody sings, (frames,)."""
    none = np.maximum(1e-3, 1 - odds.sum(axis=1, keepdims=True))
    gains = np.log(np.hstack([np.maximum(odds, 1e-9), none]))  # (frames, candidates + 1), the last one silence
    score, back = gains[0], np.empty(gains.shape, int)
    back[0] = 0
    for frame in range(1, len(gains)):
        moves = np.minimum(np.abs(pitch[frame - 1][:, None] - pitch[frame][None]) * _JUMP_COST, _DEAREST_JUMP)
        costs = np.full((_CANDIDATES + 1, _CANDIDATES + 1), _TURN_COST)
        costs[:-1, :-1] = moves
        costs[-1, -1] = 0
        total = score[:, None] - costs
        back[frame] = total.argmax(axis=0)
        score = total.max(axis=0) + gains[frame]
    way = np.empty(len(gains), int)
    way[-1] = score.argmax()
    for frame in range(len(gains) - 1, 0, -1):
        way[frame - 1] = back[frame][way[frame]]
    return np.where(way == _CANDIDATES, -1, way)
