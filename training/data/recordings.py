"""Reads a sound file of a dataset."""

from __future__ import annotations

from pathlib import Path

from training.data.records import DatasetError
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio
from typebeat.sound.files import read_audio


def read_sound(path: Path) -> Audio:
    """Reads a sound file. Raises DatasetError if it cannot be used."""
    try:
        return read_audio(path)
    except RequestError as error:
        raise DatasetError(str(error)) from error
