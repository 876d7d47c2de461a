"""What a machine asks a server that really runs: whether it is alive, whether it takes jobs, and how it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from page_server import SlowEngine, serve

from typebeat.serving.journal import JsonLines

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 1, "seed": 7654321}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(SlowEngine()) as address:
        yield address


def test_health_and_ready_answer_beside_the_page_and_metrics_are_off(url: str, tmp_path: Path) -> None:
    alive, ready = httpx.get(f"{url}health"), httpx.get(f"{url}ready")
    assert (alive.status_code, alive.json()["alive"]) == (200, True)
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["weights"]["beat"]["name"] == "fake"
    assert "/" not in ready.text
    assert httpx.get(f"{url}metrics").status_code == 404
    assert httpx.head(f"{url}health").status_code == 200
    assert httpx.get(url).status_code == 200
    with pytest.raises(AppError, match=r"tell us [0-9a-f]{8} if"):
        Client(url, verbose=False, download_files=tmp_path).predict(
            api_name="/make", **{**WISH, "prompt": "crash"}, parts=["beat"]
        )


def test_what_gradio_refuses_by_itself_is_logged_without_what_was_sent(
    url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    asked = httpx.post(f"{url}gradio_api/call/analyze", json={"data": ["my secret\nforged line"]})
    told = httpx.get(f"{url}gradio_api/call/analyze/{asked.json()['event_id']}", timeout=30).text
    assert "didn't receive enough" in told
    written = "".join([*capfd.readouterr(), *map(JsonLines().format, caplog.records)])
    assert "secret" not in written
    assert "forged" not in written
    assert [record.facts["result"] for record in caplog.records if record.name == "typebeat.jobs"] == ["failed"]


def test_no_address_makes_the_server_ask_another_one(url: str) -> None:
    asked: list[str] = []

    class Inner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Inner) as inner:
        Thread(target=inner.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{inner.server_port}/secret.wav"
        for path in (there, "a.wav"):
            file = {"path": path, "url": there, "meta": {"_type": "gradio.FileData"}}
            sent = httpx.post(f"{url}gradio_api/call/analyze", json={"data": [file, None, "", "4/4", None, ""]})
            if sent.status_code == 200:
                event = sent.json()["event_id"]
                assert "event: error" in httpx.get(f"{url}gradio_api/call/analyze/{event}", timeout=30).text
        for path in (f"proxy={there}", f"file={there}", "file=/etc/passwd", "file=../../etc/passwd"):
            assert httpx.get(f"{url}gradio_api/{path}").status_code in (400, 403, 404)
        inner.shutdown()
    assert not asked


def test_metrics_are_served_where_the_settings_allow_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TYPEBEAT_METRICS", "1")
    with serve(SlowEngine()) as url:
        Client(url, verbose=False, download_files=tmp_path).predict(api_name="/make", **WISH, parts=["beat"])
        told = httpx.get(f"{url}metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert re.search(r'^typebeat_jobs_total\{kind="beat",result="done"\} 1\.0$', told.text, re.MULTILINE)
    assert not [word for word in ("dark bells", "7654321", "F minor") if word in told.text]
