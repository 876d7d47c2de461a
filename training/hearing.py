"""A recording read from its file; what is wrong with it is told as of a dataset."""

from __future__ import annotations

from pathlib import Path

from training.dataset import DatasetError
from typebeat.audio import Audio
from typebeat.audio_files import read_audio
from typebeat.request.options import RequestError


def read_sound(path: Path) -> Audio:
    """Reads a sound file. Raises DatasetError where it cannot be used."""
    try:
        return read_audio(path)
    except RequestError as error:
        raise DatasetError(str(error)) from error
