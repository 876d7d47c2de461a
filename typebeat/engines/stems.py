"""Splits a beat into stems: by Demucs' htdemucs where its weights are on this machine, else by soft masks.

What drums and bass leave over is "other", so that the stems always sum to the beat.
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
OVERLAP = 0.25  # share of a segment that overlaps with the next
QUIETEST = 1e-5  # a beat with a smaller standard deviation is not scaled up to the network's loudness


def load_stem_splitter(choice: str = "auto") -> StemSplitter:
    """Loads Demucs with the weights that `locate` finds; "starter" means soft masks, which need none."""
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
    """A `StemSplitter` over one HTDemucs; what it hears as neither drums nor bass, voices too, is "other"."""

    def __init__(self, model: HTDemucs, device: str, method: str) -> None:
        self._model = model.to(device).eval()
        self.device = device
        self.method = method

    def split(self, audio: Audio, job: Job = UNWATCHED) -> Stems:
        """Splits a beat of any rate and channel count; the network hears its first two channels, or mono twice."""
        sources = self._separate(audio, job)
        drums, bass = sources["drums"], sources["bass"]
        sounds = {"drums": drums, "bass": bass, "other": audio.samples - drums - bass}
        return Stems({name: Audio(sound, audio.sample_rate) for name, sound in sounds.items()}, self.method)

    def without_vocals(self, audio: Audio) -> Audio:
        """Returns the sound without what the network takes for voices."""
        return Audio(audio.samples - self._separate(audio)["vocals"], audio.sample_rate)

    def _separate(self, audio: Audio, job: Job = UNWATCHED) -> dict[str, np.ndarray]:
        """Returns the network's sources, each in the shape of `audio.samples`."""
        import torch
        from demucs.apply import apply_model

        # 1. two channels at the network's rate, as loud as it was trained on
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
        """Brings a source of the network into the shape of `audio.samples`."""
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
    """Returns values as HTDemucs takes them; its export writes a fraction as a small dict."""
    if isinstance(value, dict):
        if value.get("_type") == "fraction":
            return Fraction(value["numerator"], value["denominator"])
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
