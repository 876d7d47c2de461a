"""Measures how well sounds agree with captions, by CLAP (Wu et al. 2023), if its weights can be loaded.

Scores can only be compared if they come from the same weights, so the name of the weights belongs beside the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from training.runs.errors import TrainingError
from typebeat.sound.audio import Audio, resample

CLAP = "laion/larger_clap_music"  # Apache-2.0
PROBE_TIMEOUT_S = 5
_BATCH = 8


def text_similarity(sounds: Sequence[Audio], captions: Sequence[str]) -> float:
    """Returns the mean cosine similarity between sounds and their captions, -1 to 1.

    Raises:
        TrainingError: the weights are neither on this machine nor available from the Hub.
    """
    import torch

    model, processor = _load()
    rate = processor.feature_extractor.sampling_rate
    found = []
    for at in range(0, len(sounds), _BATCH):
        heard = [Audio(sound.samples.mean(axis=0), sound.sample_rate) for sound in sounds[at : at + _BATCH]]
        mono = [resample(audio, rate).samples[0] for audio in heard]
        texts = list(captions[at : at + _BATCH])
        inputs = processor(text=texts, audio=mono, sampling_rate=rate, return_tensors="pt", padding=True)
        with torch.inference_mode():
            told = model(**inputs)
        found += torch.cosine_similarity(told.audio_embeds, told.text_embeds).tolist()
    return float(np.mean(found))


@lru_cache(maxsize=1)
def _load() -> tuple[Any, Any]:
    """Loads the weights from this machine, or else from the Hub, if it answers a first request."""
    from huggingface_hub import constants, get_session
    from transformers import ClapModel, ClapProcessor

    def load(local_files_only: bool) -> tuple[Any, Any]:
        kinds = ClapModel, ClapProcessor
        model, processor = (kind.from_pretrained(CLAP, local_files_only=local_files_only) for kind in kinds)
        return model.eval(), processor

    try:
        return load(local_files_only=True)
    except OSError:
        pass
    try:
        get_session().head(constants.ENDPOINT, timeout=PROBE_TIMEOUT_S)
        return load(local_files_only=False)
    except Exception as error:  # the Hub's client and transformers raise many types
        raise TrainingError(f"the weights {CLAP} could not be loaded ({type(error).__name__})") from error
