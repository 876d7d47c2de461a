"""A page that really runs, its engine, and a client of its API, for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeCover
from gradio_client import Client
from page_server import SlowEngine, serve

from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.stems import load_stem_splitter


@pytest.fixture(scope="module")
def engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture(scope="module")
def address(engine: SlowEngine) -> Iterator[str]:
    others = {"cover": FakeCover(), "stems": load_stem_splitter("starter"), "pitches": BasicPitch()}
    with serve(engine, **others) as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=tmp_path_factory.mktemp("got"))


@pytest.fixture(scope="module")
def beat(client: Client) -> Path:
    wish = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 4, "seed": 7}
    takes, _, _ = client.predict(api_name="/make", parts=["beat"], **wish)
    return Path(takes[0])
