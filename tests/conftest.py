"""Fixtures that more than one test module uses."""

import atexit
import os
import shutil
import tempfile

import pytest
from hub_server import environment, serve

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
def hub(tmp_path, monkeypatch):
    """A new Hub, with the client of this process pointed at it, an empty cache and a token that may write."""
    from huggingface_hub import constants, hf_api
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    hub, server = serve()
    home = tmp_path / "hf-home"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(hf_api.api, "endpoint", hub.url)  # what the cards' functions use
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    for name, value in environment(hub, str(home)).items():
        monkeypatch.setenv(name, value)
    yield hub
    server.shutdown()
    server.server_close()
