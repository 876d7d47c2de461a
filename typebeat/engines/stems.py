"""Stems: Demucs' htdemucs where its weights are on this machine, soft masks without weights everywhere else.

Whatever splits, what is left over is added to "other", so that the stems sum to the beat. Which weights those are and
what they may be used for stands in weights.py.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from typebeat.engines import UNWATCHED, Job, Stems, StemSplitter, WeightsError
from typebeat.engines.load import best_device
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.sound.audio import Audio, resample

if TYPE_CHECKING:
    from demucs.htdemucs import HTDemucs

DEMUCS_CLASS = "demucs.htdemucs.HTDemucs"  # the only class that a file may ask for
SOURCES = {"drums", "bass", "other", "vocals"}
OVERLAP = 0.25  # of neighbouring segments
QUIETEST = 1e-5  # of the beat's standard deviation, below which it is not scaled


def load_stem_splitter(choice: str = "auto") -> StemSplitter:
    """Loads what the settings choose.

    Args:
        choice: "starter" (no weights); "auto" (the Hub's weights with a CUDA device or from the Hub's cache, else no
            weights); a local folder; or a Hub repository "owner/name[@revision]".

    Raises:
        WeightsError: the folder or repository that is named cannot be used.
    """
    from typebeat.engines.checkpoints import read_licence
    from typebeat.engines.locate import locate

    if choice.strip() == "starter":
        return SoftMaskSplitter()
    located = locate(choice, best_device(), "stems")
    folder, weights = located.folder, located.weights
    if weights.source == "starter":
        return SoftMaskSplitter(weights.notice)
    licence = weights.licence or read_licence(folder)
    method = f"Demucs, weights {weights.name}@{weights.revision} under the licence {licence}"
    return DemucsSplitter(load_demucs(folder), weights.device, method)


class DemucsSplitter:
    """A `StemSplitter` over one HTDemucs; what is neither drums nor bass for it, voices too, is "other"."""

    def __init__(self, model: HTDemucs, device: str, method: str) -> None:
        self._model = model.to(device).eval()
        self.device = device
        self.method = method

    def split(self, audio: Audio, job: Job = UNWATCHED) -> Stems:
        """Splits a beat of any rate and channel count; mono is heard as two equal channels, the first two of more."""
        sources = self._separate(audio, job)
        drums, bass = sources["drums"], sources["bass"]
        sounds = {"drums": drums, "bass": bass, "other": audio.samples - drums - bass}
        return Stems({name: Audio(sound, audio.sample_rate) for name, sound in sounds.items()}, self.method)

    def without_vocals(self, audio: Audio) -> Audio:
        """Returns the sound less what the network takes for voices, as long and at its rate."""
        return Audio(audio.samples - self._separate(audio)["vocals"], audio.sample_rate)

    def _separate(self, audio: Audio, job: Job = UNWATCHED) -> dict[str, np.ndarray]:
        """The network's sources, each in the shape of `audio.samples`."""
        import torch
        from demucs.apply import apply_model

        # 1. what the network takes: two channels at its rate, as loud as its training
        heard = resample(audio, self._model.samplerate).samples
        stereo = np.repeat(heard, 2, axis=0) if len(heard) == 1 else heard[:2]
        mean, spread = float(stereo.mean()), max(float(stereo.std()), QUIETEST)
        mix = torch.from_numpy((stereo - mean) / spread)[None]
        # 2. segment by segment; no random shift, so that the same beat gives the same stems
        with torch.inference_mode():
            split = apply_model(
                self._model,
                mix,
                shifts=0,
                overlap=OVERLAP,
                device=self.device,
                callback=lambda _segment: job.check(),
            )
        # 3. back to the beat's rate and channels
        sources = zip(self._model.sources, split[0].float().cpu().numpy() * spread, strict=True)
        return {name: self._as(audio, source) for name, source in sources if name in SOURCES}

    def _as(self, audio: Audio, stereo: np.ndarray) -> np.ndarray:
        """A source of the network in the shape of `audio.samples`."""
        channels = len(audio.samples)
        back = resample(Audio(stereo, self._model.samplerate), audio.sample_rate).samples[:, : audio.length]
        back = np.pad(back, ((0, 0), (0, audio.length - back.shape[1])))
        shaped = np.zeros_like(audio.samples)  # channels that the network did not hear keep all in "other"
        shaped[: min(channels, 2)] = back.mean(axis=0) if channels == 1 else back
        return shaped


def load_demucs(folder: Path) -> HTDemucs:
    """Builds the one HTDemucs of a folder from its safetensors, whose metadata tell its shape.

    Demucs' own reader would import whatever class a file names; here a file may only name HTDemucs.

    Raises:
        WeightsError: there is no such file, several of them, or one that is truncated or of another kind.
    """
    from demucs.htdemucs import HTDemucs
    from safetensors import safe_open

    from typebeat.engines.checkpoints import one_line

    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        raise WeightsError(f"{folder} must hold one *.safetensors of htdemucs, not {len(files)}")
    try:
        with safe_open(files[0], framework="pt") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dict
        if about.get("klass") != DEMUCS_CLASS:
            raise WeightsError(f"{files[0]} holds {about.get('klass', 'no named class')!r}; wanted is {DEMUCS_CLASS}")
        model = HTDemucs(*_plain(json.loads(about["args"])), **_plain(json.loads(about["kwargs"])))
        model.load_state_dict(tensors)
    except WeightsError:
        raise
    except Exception as error:  # a header, a shape, a JSON can be wrong in any way
        raise WeightsError(f"{files[0]} is truncated or no htdemucs ({one_line(error)})") from error
    if not set(model.sources) >= SOURCES or model.audio_channels != 2:
        raise WeightsError(f"{files[0]} separates {', '.join(model.sources)}; wanted are {', '.join(sorted(SOURCES))}")
    return model


def _plain(value: Any) -> Any:
    """Values as HTDemucs takes them; the export writes a fraction as a small dict."""
    if isinstance(value, dict):
        if value.get("_type") == "fraction":
            return Fraction(value["numerator"], value["denominator"])
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
