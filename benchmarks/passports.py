"""Checks the tempo and key that the app measures in a beat against the truth."""

import mir_eval

from typebeat.hearing.measuring import measure
from typebeat.sound.audio import Audio

KNOWN_BPM, BLIND_BPM = 0.2, 1.0  # largest error in BPM of a hit


def rate_passport(audio: Audio, bpm: float, key: str) -> dict[str, float]:
    """Measures a beat twice, with its tempo given and without.

    Args:
        audio: The beat.
        bpm: Its true tempo.
        key: Its true key, such as "F minor".

    Returns:
        bpm_hit_known (with the tempo given: 1 if within 0.2 BPM), bpm_hit_blind (without it: 1 if within 1 BPM of the
        tempo, its half or its double) and key_score (without it: mir_eval's weighted score, 0 to 1).
    """
    told, untold = measure(audio, bpm=bpm), measure(audio)
    error = min(abs(untold.grid.bpm * octave - bpm) for octave in (0.5, 1, 2))
    return {
        "bpm_hit_known": float(abs(told.grid.bpm - bpm) <= KNOWN_BPM),
        "bpm_hit_blind": float(error <= BLIND_BPM),
        "key_score": mir_eval.key.weighted_score(key, untold.key) if untold.key else 0.0,
    }
