"""Fixtures that more than one test module uses."""

import atexit
import os
import shutil
import tempfile

import pytest
from hub_server import environment, point_client, serve

# each worker's servers keep their files to themselves: Gradio names a file by its content, and a server that ends
# deletes its own
os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="typebeat-tests-")
atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)

# the files that take longest, which begin first, so that files that run side by side end with short ones
LONGEST = (
    *("test_push", "test_notebooks", "test_making", "test_form", "test_batch", "test_space", "test_formats"),
    *("test_mixer", "test_tabs", "test_mixer_anew", "test_train_cover_lora", "test_finetune_musicgen", "test_page"),
    *("test_api_refusals", "test_api", "test_picture_models", "test_batch_runs", "test_cover_engine"),
    *("test_push_covers", "test_own", "test_own_again", "test_hard_references", "test_shipped_starter"),
    *("test_training_loop", "test_stem_training"),
)


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture
def play(monkeypatch, tmp_path, capsys):
    """Runs `make` in an empty folder with engines that need no model; returns exit code, stdout and stderr."""
    from fakes import FakeCover, FakeEngine

    from typebeat import cli
    from typebeat.engines import load

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(load, "load_cover_engine", lambda choice: FakeCover())

    def make(*arguments, engine=None):
        monkeypatch.setattr(load, "load_beat_engine", lambda choice: engine or FakeEngine())
        capsys.readouterr()  # what was printed before
        return cli.main(["make", *arguments]), *capsys.readouterr()

    return make


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A new Hub, with the client of this process pointed at it, an empty cache and a token that may write."""
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    hub, server = serve()
    home = tmp_path / "hf-home"
    point_client(monkeypatch, hub.url, HF_HUB_CACHE=str(home / "hub"), HF_TOKEN_PATH=str(home / "token"))
    for name, value in environment(hub, str(home)).items():
        monkeypatch.setenv(name, value)
    yield hub
    server.shutdown()
    server.server_close()
