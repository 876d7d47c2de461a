"""Measures the starter's codec on unseen corpus beats: each part's round trip beside the part."""

from __future__ import annotations

from collections.abc import Sequence

import librosa
import mir_eval
import numpy as np

from benchmarks import measures
from benchmarks.ears.ear import GROUP_OF, Ear, is_heard
from training.starter.corpus.render import CorpusBeat
from training.starter.corpus.score import PARTS

PITCH_RANGES = {"808": (30.0, 400.0), "melody": (150.0, 2_000.0)}  # Hz in which a part's notes are looked for


def played_by_codec(codec, parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns parts (n,) as a starter's codec plays them; a codec of the first versions is given their mix."""
    import torch

    hears_parts = len(codec.config.networks) < len(PARTS)
    mix = np.sum([parts[name] for name in PARTS], axis=0)
    given = [torch.from_numpy(parts[name] if hears_parts else mix)[None, None] for name in PARTS]
    with torch.inference_mode():
        made = codec.decode_parts(codec.encode_parts(given))[0, :, 0].numpy()
    return {name: sound[: len(mix)] * is_heard(parts[name]) for name, sound in zip(PARTS, made, strict=True)}


def measure_codec(codec, beats: Sequence[CorpusBeat], ear: Ear) -> dict[str, float]:
    """Returns the figures of the codec; drums, pitch and lead are also measured on the originals."""
    rows = [_measure_beat(codec, beat, ear) for beat in beats]
    sums = {name: [row[name] for row in rows if name in row] for row in rows for name in row}
    totals = {name: float(np.mean(values)) for name, values in sums.items()}
    totals["codec_pitch"] = totals.pop("decoded") / max(1e-9, totals.pop("original"))
    totals["lead_kept"] = totals["codec_lead"] / max(1e-9, totals["original_lead"])
    return totals


def _measure_beat(codec, beat: CorpusBeat, ear: Ear) -> dict[str, float]:
    rate, stems = beat.sample_rate, beat.stems
    made = played_by_codec(codec, stems)
    mix, made_mix = beat.mix, np.sum(list(made.values()), axis=0)
    row = {
        "codec_logmel_db": _logmel_error(made_mix, mix, rate),
        "codec_stft": measures.multi_resolution_stft_distance(made_mix, mix),
        "codec_chroma": float(
            np.corrcoef(measures.chroma(made_mix, rate).ravel(), measures.chroma(mix, rate).ravel())[0, 1]
        ),
    }
    if is_heard(stems["drums"]):
        row |= {"codec_onset_f1": onset_f1(made["drums"], beat), "original_onset_f1": onset_f1(stems["drums"], beat)}
    if is_heard(stems["melody"]):
        lead = GROUP_OF[beat.score.plan.lead]
        for name, sound in (("original", stems["melody"]), ("codec", made["melody"])):
            row[f"{name}_lead"] = float(GROUP_OF.get(ear.instrument(sound, rate)) == lead)
    row |= {"original": 0.0, "decoded": 0.0}
    for part in PITCH_RANGES:
        row["original"] += right_pitches(stems[part], beat, part)
        row["decoded"] += right_pitches(made[part], beat, part)
    return row


def _logmel_error(made: np.ndarray, wanted: np.ndarray, sample_rate: int) -> float:
    return float(np.abs(measures.log_mel(made, sample_rate) - measures.log_mel(wanted, sample_rate)).mean())


def onset_f1(drums: np.ndarray, beat: CorpusBeat) -> float:
    """Returns F1 (within 50 ms) of the onsets in the drums' sound against all true hits."""
    envelope = measures.onset_envelope(drums, beat.sample_rate)
    peaks = librosa.util.peak_pick(envelope, pre_max=4, post_max=4, pre_avg=20, post_avg=20, delta=0.06, wait=6)
    truth = np.unique([round(hit.onset, 3) for hit in beat.truth["drums"]])
    return float(mir_eval.onset.f_measure(truth, peaks * 0.005, window=0.05)[0])


def right_pitches(stem: np.ndarray, beat: CorpusBeat, part: str) -> int:
    """Returns how many true notes of a part are found within 50 cents of their pitch."""
    right = 0
    for note in beat.truth[part]:
        start, end = (int(t * beat.sample_rate) for t in (note.onset + 0.04, min(note.offset, note.onset + 0.5)))
        heard = measures.note_pitch(stem[start:end], beat.sample_rate, *PITCH_RANGES[part])
        right += heard is not None and abs(heard - note.pitch) <= 0.5
    return right
