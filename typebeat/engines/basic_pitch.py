"""Runs basic-pitch's network with onnxruntime alone: which pitches sound and begin in each frame of 11.6 ms.

The package `basic_pitch` is never imported, because it would import TensorFlow; only its `nmp.onnx` is read. Windows
overlap by half and only their middle is kept, since the network's low pitches see more than a second. The sound is
padded at both ends, so that its last note is heard as well. Notes are decoded by `typebeat/midi/melody.py`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from typebeat.engines import UNWATCHED, Job, WeightsError
from typebeat.midi.activations import PitchActivations
from typebeat.sound.audio import Audio, resample

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SAMPLE_RATE = 22_050  # Hz, what the network hears
FRAME = 256  # samples
WINDOW = 43_844  # samples the network takes at once
WINDOW_FRAMES = 172  # frames the network returns for a window
KEPT_FRAMES = 86  # frames kept of a window, from its middle; about one second
MARGIN_FRAMES = (WINDOW_FRAMES - KEPT_FRAMES) // 2
BATCH = 8  # windows in one run; a job can be stopped between runs
SOUNDING, BEGINNING = "StatefulPartitionedCall:1", "StatefulPartitionedCall:2"
PEAK = 0.7  # the loudest sample after scaling


class BasicPitch:
    """A `PitchListener` over `nmp.onnx`, which is loaded when it first listens."""

    def __init__(self, model: Path | None = None) -> None:
        self._model = model
        self._session: InferenceSession | None = None

    def listen(self, audio: Audio, job: Job = UNWATCHED) -> PitchActivations:
        """Hears a sound of any rate and channel count; raises WeightsError if the network cannot be read."""
        session = self._session = self._session or _load(self._model or packaged_model())
        mono = resample(Audio(audio.samples.mean(axis=0), audio.sample_rate), SAMPLE_RATE).samples[0]
        peak = np.abs(mono).max()
        windows = _windows(mono * np.float32(PEAK / peak) if peak > 0 else mono)
        sounding: list[np.ndarray] = []
        beginning: list[np.ndarray] = []
        for start in range(0, len(windows), BATCH):
            job.check()
            name = session.get_inputs()[0].name
            heard = session.run([SOUNDING, BEGINNING], {name: windows[start : start + BATCH, :, None]})
            for kept, whole in zip((sounding, beginning), heard, strict=True):
                middle = whole[:, MARGIN_FRAMES : MARGIN_FRAMES + KEPT_FRAMES]
                kept.append(middle.reshape(-1, middle.shape[-1]))
        frames = -(-len(mono) // FRAME)
        return PitchActivations(
            np.concatenate(sounding)[:frames], np.concatenate(beginning)[:frames], FRAME / SAMPLE_RATE
        )


def packaged_model() -> Path:
    """Where the package basic-pitch keeps its network; the package is found, not imported."""
    spec = find_spec("basic_pitch")
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
    return folder / "saved_models" / "icassp_2022" / "nmp.onnx"


def _load(model: Path) -> InferenceSession:
    if not model.is_file():
        raise WeightsError(f"basic-pitch's network is missing ({model}); pip install basic-pitch==0.4.0")
    from onnxruntime import InferenceSession

    try:
        return InferenceSession(str(model), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no class
        raise WeightsError(f"{model} is truncated or no ONNX file") from error


def _windows(mono: np.ndarray) -> np.ndarray:
    """(windows, WINDOW): the kept middles of neighbours meet, and the first one begins with the sound."""
    hop = KEPT_FRAMES * FRAME
    count = max(1, -(-len(mono) // hop))
    before = MARGIN_FRAMES * FRAME
    padded = np.zeros(before + (count - 1) * hop + WINDOW, np.float32)
    padded[before : before + len(mono)] = mono
    return np.stack([padded[k * hop : k * hop + WINDOW] for k in range(count)])
