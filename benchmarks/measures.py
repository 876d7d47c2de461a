"""Measures tempo, key, snares, pitch and loudness of a beat by signal processing, independently of the app.

Each function takes mono samples (n,) float32 in [-1, 1]. None of them knows what was requested.
"""

from collections.abc import Sequence

import librosa
import numpy as np
from scipy.signal import butter, sosfiltfilt

from typebeat.request.words import KEYS

SLOWEST_BPM, FASTEST_BPM = 60.0, 180.0
_ENVELOPE_HOP_SECONDS = 0.005
_BEFORE, _AFTER = 12, range(4, 18)  # steps of the envelope before and after a beat that are compared for a snare
# Krumhansl and Kessler's ratings of the twelve pitch classes in a key (1982)
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def onset_envelope(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns the rise of the spectrum every 5 ms, (frames,)."""
    hop = int(_ENVELOPE_HOP_SECONDS * sample_rate)
    mel = librosa.feature.melspectrogram(y=samples, sr=sample_rate, n_fft=1024, hop_length=hop, n_mels=40, fmax=15_000)
    return np.maximum(0, np.diff(np.log(mel + 1e-4), axis=1, prepend=np.log(mel[:, :1] + 1e-4))).mean(axis=0)


def measure_bpm(samples: np.ndarray, sample_rate: int) -> float:
    """Returns the tempo between 60 and 180 BPM whose beats, eighths and sixteenths fit the onsets best.

    It is accurate to about 0.1 BPM for ten seconds of sound, but cannot distinguish a tempo from its double.
    """
    envelope = onset_envelope(samples, sample_rate)
    envelope = envelope - envelope.mean()
    candidates = np.arange(SLOWEST_BPM, FASTEST_BPM, 0.1)
    time = np.arange(len(envelope)) * _ENVELOPE_HOP_SECONDS
    strength = np.zeros(len(candidates))
    for ticks in (1, 2, 4):
        turns = np.outer(candidates / 60 * ticks, time)
        strength += np.abs(np.exp(-2j * np.pi * turns) @ envelope)
    return float(candidates[strength.argmax()])


def is_tempo(measured: float, asked: float, tolerance: float = 1.0) -> bool:
    """Whether a measured tempo, its half or its double is within `tolerance` BPM of the requested one."""
    return min(abs(measured * octave - asked) for octave in (0.5, 1, 2)) <= tolerance


def chroma(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns the energy of the twelve pitch classes between 60 Hz and 2 kHz, (12, frames), C first."""
    sos = butter(4, [60, 2_000], "bandpass", fs=sample_rate, output="sos")
    tuned = sosfiltfilt(sos, samples)
    spectrum = np.abs(librosa.stft(tuned.astype(np.float32), n_fft=8192, hop_length=2048))
    return librosa.feature.chroma_stft(S=spectrum, sr=sample_rate, n_fft=8192, norm=None, tuning=0.0)


def rank_keys(samples: np.ndarray, sample_rate: int) -> list[str]:
    """Returns the 24 keys, best first, by the correlation of the pitch classes with the profile of each key."""
    heard = np.sqrt(chroma(samples, sample_rate)).mean(axis=1)
    scores = {}
    for key in KEYS:
        note, mode = key.split()
        profile = np.roll(_MAJOR if mode == "major" else _MINOR, KEYS.index(f"{note} minor"))
        scores[key] = np.corrcoef(heard, profile)[0, 1]
    return sorted(scores, key=scores.get, reverse=True)


def relative_key(key: str) -> str:
    """Returns the key with the same notes: "A minor" for "C major" and the other way round."""
    note, mode = key.split()
    index = KEYS.index(f"{note} minor")
    return KEYS[(index + 9) % 12] if mode == "major" else KEYS[12 + (index + 3) % 12]


def is_key(ranked: list[str], asked: str) -> bool:
    """Whether the requested key or its relative is among the first two of the ranking."""
    return bool({asked, relative_key(asked)} & set(ranked[:2]))


def broadening(samples: np.ndarray, sample_rate: int, seconds: Sequence[float]) -> np.ndarray:
    """Returns how much the spectrum widens at each of some moments.

    A snare or clap raises all bands between 0.8 and 5.5 kHz for a while. The click of a kick is too short for that, a
    hat is too high, and a note raises only the bands of its partials.
    """
    hop = int(_ENVELOPE_HOP_SECONDS * sample_rate)
    mel = librosa.feature.melspectrogram(
        y=samples, sr=sample_rate, n_fft=1024, hop_length=hop, n_mels=24, fmin=800, fmax=5_500
    )
    bands = np.pad(np.log(mel + 1e-4), ((0, 0), (_BEFORE, _AFTER.stop)), mode="edge")
    rises = []
    for second in seconds:
        at = min(round(second / _ENVELOPE_HOP_SECONDS), mel.shape[1] - 1) + _BEFORE
        before = bands[:, at - _BEFORE : at - 2].mean(axis=1)
        rises.append(np.maximum(0, bands[:, at + _AFTER.start : at + _AFTER.stop].mean(axis=1) - before).mean())
    return np.array(rises)


def note_pitch(samples: np.ndarray, sample_rate: int, lowest: float, highest: float) -> float | None:
    """Returns the MIDI pitch of a single note (median of YIN), or None for silence."""
    window = int(2.2 * sample_rate / lowest)
    if len(samples) < window + 2 or np.sqrt(np.mean(samples**2)) < 1e-3:
        return None
    found = librosa.yin(samples, fmin=lowest, fmax=highest, sr=sample_rate, frame_length=window, hop_length=window // 4)
    return float(np.median(librosa.hz_to_midi(found)))


def log_mel(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns a log-mel spectrogram in dB, (80, frames), with a floor at -80 dB."""
    mel = librosa.feature.melspectrogram(y=samples, sr=sample_rate, n_fft=2048, hop_length=512, n_mels=80, fmax=15_000)
    return 10 * np.log10(np.maximum(mel, 1e-8) / 1e0).clip(min=-80)


def multi_resolution_stft_distance(made: np.ndarray, wanted: np.ndarray) -> float:
    """Returns spectral convergence plus mean log-magnitude difference, averaged over three windows (Yamamoto 2020)."""
    distances = []
    for window in (512, 1024, 2048):
        a, b = (np.abs(librosa.stft(x, n_fft=window, hop_length=window // 4)) for x in (made, wanted))
        convergence = np.linalg.norm(a - b) / (np.linalg.norm(b) + 1e-9)
        distances.append(convergence + np.abs(np.log(a + 1e-3) - np.log(b + 1e-3)).mean())
    return float(np.mean(distances))


def sound_statistics(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns the features of the classifiers: level, spread and movement of 64 mel bands, (256,)."""
    mel = librosa.feature.melspectrogram(y=samples, sr=sample_rate, n_fft=2048, hop_length=640, n_mels=64, fmax=15_000)
    db = 10 * np.log10(mel + 1e-6)
    db = db - db.max()
    moves = np.abs(np.diff(db, axis=1))
    return np.concatenate([db.mean(axis=1), db.std(axis=1), moves.mean(axis=1), np.percentile(db, 90, axis=1)])


def round_trip(codec, samples: np.ndarray) -> np.ndarray:
    """Returns a sound encoded and decoded by a codec, which is the best that a model with this codec could make."""
    import torch

    with torch.inference_mode():
        return codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()


def what_is_broken(samples: np.ndarray) -> str:
    """Returns "NaN", "silence" or "clipping" for an unusable sound, and "" for any other."""
    if not np.isfinite(samples).all():
        return "NaN"
    if np.sqrt(np.mean(samples**2)) < 3e-3:
        return "silence"
    return "clipping" if np.mean(np.abs(samples) > 0.999) > 1e-3 else ""
