"""Small models that several test files load; libraries are imported for those alone."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small beat model, saved as audiocraft does."""
    from tiny_models import save_model

    return save_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def folder(saved, tmp_path):
    """A copy of it that may be changed."""
    return Path(shutil.copytree(saved, tmp_path / "weights"))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Folders of picture models by kind, saved when they are first asked for."""
    from benchmarks.tiny_pictures import save_picture_model

    place, held = tmp_path_factory.mktemp("models"), {}

    def folder(kind: str) -> Path:
        if kind not in held:
            held[kind] = save_picture_model(place / kind, kind)
        return held[kind]

    return folder


@pytest.fixture(scope="module")
def unet(models):
    from picture_engines import network_of

    return network_of(models("sdxl"))
