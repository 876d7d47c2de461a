"""The API under bad input and load: one line says what is wrong, nothing of the machine leaks, the next call works."""

from __future__ import annotations

import errno
import io
import re
import secrets
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from page_server import SlowEngine
from waiting import wait_until

from typebeat.request.midi_options import MidiOptions
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 2, "seed": 7}
BEAT_ONLY = {**WISH, "parts": ["beat"]}
# what the page's "Start from" holds at first
WORDS_ALONE = ["words", None, None, None, "", "sample", ["drums", "808"], "", "x1", 0, 0, "", ""]
TOO_LARGE = 2 * 10**9


def refused(client: Client, *arguments: Any, **options: Any) -> str:
    with pytest.raises(AppError) as wrong:
        client.predict(*arguments, **options)
    assert "\n" not in str(wrong.value)
    assert "Traceback" not in str(wrong.value)
    return str(wrong.value)


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", str(Path(__file__)), "", "\0", 7, None])
@pytest.mark.parametrize("endpoint", ["/midi", "/analyze"])
def test_a_path_that_was_not_uploaded_is_refused(client: Client, address: str, endpoint: str, path: Any) -> None:
    for meta in ({}, {"meta": {"_type": "gradio.FileData"}}):
        asked = httpx.post(f"{address}gradio_api/call{endpoint}", json={"data": [{"path": path, **meta}]})
        event = asked.json().get("event_id")
        if event is None:
            assert asked.status_code >= 400
            continue
        told = httpx.get(f"{address}gradio_api/call{endpoint}/{event}", timeout=30).text
        assert "event: error" in told
        assert "root:" not in told


def press(client: Client, button: str, values: list[Any]) -> str:
    """Does what the page's script does when somebody presses a button, with any values; returns all that is told."""
    pressed = next(each for each in client.config["components"] if each["props"].get("value") == button)
    event = next(each for each in client.config["dependencies"] if [pressed["id"], "click"] in each["targets"])
    session = {"session_hash": secrets.token_hex(8)}
    asked = {"data": values, "fn_index": event["id"], **session}
    httpx.post(f"{client.src}gradio_api/queue/join", json=asked).raise_for_status()
    told = httpx.get(f"{client.src}gradio_api/queue/data", params=session, timeout=30).text
    assert "process_completed" in told
    assert "Traceback" not in told
    return told


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}], ids=["bare", "as a file"])
def test_the_pages_own_midi_event_reads_no_path_that_was_not_uploaded(client: Client, meta: dict[str, Any]) -> None:
    options = [option.default for option in fields(MidiOptions)]
    told = press(client, "Write MIDI", [{"path": "/etc/passwd", **meta}, None, *options])
    assert "no uploaded file" in told or re.search(r'"success": ?false', told)
    assert "root:" not in told


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("temperature", "nan", "from 0.1 to 2"),
        ("bars", 32_000, "from 1 to 64"),
        ("bpm", {"a": 1}, "from 70 to 170"),
        ("prompt", ["<b>"], "must be text"),
        ("style", 7, "is unknown"),
        ("parts", "../../etc", "is unknown"),
        ("seed", "-1", "from 0"),
        ("title", "x" * 5000, "80 are allowed"),
    ],
)
def test_the_pages_own_make_event_refuses_wild_values_in_one_line(
    client: Client, field: str, value: Any, says: str
) -> None:
    wish = {option.name: option.default for option in fields(BeatRequest)} | {"style": "kid-cudi", "parts": []}
    told = press(client, "Make the beat", [*{**wish, field: value}.values(), *WORDS_ALONE])
    assert "One thing first" in told
    assert says in told


@pytest.mark.parametrize(
    ("own", "says"),
    [
        (["sample", {"path": "/etc/passwd"}, None, None, ""], ""),
        (["sample", None, None, None, ""], "upload your sound first"),
        (["hum", None, {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, None, ""], ""),
        (["midi", None, None, None, ""], "upload your MIDI file first"),
        (["chords", None, None, None, "/etc/passwd"], "is no chord"),
        ([["<b>"], {"a": 1}, 7, "x", {}], ""),
    ],
)
def test_the_pages_own_make_event_reads_no_reference_that_was_not_uploaded(
    client: Client, own: list[Any], says: str
) -> None:
    wish = {option.name: option.default for option in fields(BeatRequest)} | {
        "style": "kid-cudi",
        "parts": [],
        "bars": 1,
    }
    told = press(client, "Make the beat", [*wish.values(), *own, *WORDS_ALONE[5:]])
    assert says in told
    assert "root:" not in told


def test_what_is_no_sound_is_refused_whatever_it_is_called(client: Client, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("beat.wav", bytes(20_000_000))
    for name, content in {"bomb.wav": bomb.getvalue(), "empty.mp3": b"", "text.flac": b"no sound"}.items():
        (tmp_path / name).write_bytes(content)
        for endpoint in ("/midi", "/analyze"):
            said = refused(client, handle_file(tmp_path / name), api_name=endpoint)
            assert said.startswith("file: ")


def test_an_upload_of_two_gigabytes_is_refused_by_its_size_and_not_kept(address: str) -> None:
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
        while sent < TOO_LARGE:
            sent += 2**20
            yield bytes(2**20)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(f"{address}gradio_api/upload", content=body(), headers=headers, timeout=60)
    assert answer.status_code == 413
    assert "maximum allowed size" in answer.text
    kept = [path.stat().st_size for path in Path(get_upload_folder()).rglob("*") if path.is_file()]
    assert max(kept, default=0) < 60_000_000


def test_of_an_upload_that_breaks_off_nothing_is_kept(address: str) -> None:
    def unfinished() -> list[Path]:
        return [path for path in Path(get_upload_folder()).iterdir() if path.is_file()]

    host, port = address.removeprefix("http://").rstrip("/").split(":")
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    with socket.create_connection((host, int(port))) as visitor:
        visitor.sendall(head.encode())
        visitor.sendall(b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\nRIFF')
        wait_until(lambda: len(unfinished()) == 1)
    wait_until(lambda: not unfinished())


@pytest.mark.parametrize(
    ("endpoint", "field", "value"),
    [
        ("/cover", "variations", 5),
        ("/cover", "strength", "nan"),
        ("/cover", "size", "90000"),
        ("/cover", "style", "../../etc"),
        ("/cover", "title", ["a"]),
        ("/midi", "bpm", "nan"),
        ("/midi", "feel", "drunk"),
        ("/midi", "sensitivity", 7),
        ("/midi", "snap", "perhaps"),
        ("/analyze", "key", "H minor"),
    ],
)
def test_a_wrong_value_gives_one_line_that_begins_with_its_field(
    client: Client, beat: Path, endpoint: str, field: str, value: Any
) -> None:
    arguments = () if endpoint == "/cover" else (handle_file(beat),)
    wish = {"prompt": "bells"} if endpoint == "/cover" else {}
    assert refused(client, *arguments, **wish, **{field: value}, api_name=endpoint).startswith(f"{field}: ")


def test_a_client_that_leaves_frees_the_engine(address: str, client: Client, engine: SlowEngine) -> None:
    engine.step_s, engine.running = 0.02, 0
    asked = {name: option.default for name, option in BeatRequest.__dataclass_fields__.items()}
    *reference, voices = (option.default for option in fields(ReferenceOptions))
    strength = asked.pop("adapter_strength")
    values = {**asked, **BEAT_ONLY, "bars": 64}.values()
    data = [*values, None, None, *reference, strength, voices]  # None for `of` and `reference`
    event = httpx.post(f"{address}gradio_api/call/make", json={"data": data}).json()["event_id"]
    with httpx.stream("GET", f"{address}gradio_api/call/make/{event}", timeout=30):
        wait_until(lambda: engine.running == 1)
    wait_until(lambda: engine.running == 0)
    engine.step_s = 0.0
    client.predict(api_name="/make", **BEAT_ONLY)


def test_a_full_disk_in_the_middle_of_a_pack_is_said_and_the_next_pack_is_whole(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def fill(path: Path, content: bytes) -> int:
        if path.suffix == ".wav":
            write(path, content[:100])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, content)

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", fill)
        assert "No space left" in refused(client, api_name="/make", **BEAT_ONLY)
    _, _, pack = client.predict(api_name="/make", **BEAT_ONLY)
    assert zipfile.ZipFile(pack).testzip() is None


def test_the_lanes_do_not_wait_for_each_other(client: Client, address: str, beat: Path, engine: SlowEngine) -> None:
    engine.step_s = 0.05
    busy = Client(address, verbose=False).submit(api_name="/make", **{**BEAT_ONLY, "bars": 64})
    try:
        client.predict(handle_file(beat), api_name="/analyze")
        assert not busy.done()
    finally:
        engine.step_s = 0.0
        busy.cancel()


def test_a_wrong_request_is_refused_at_once_while_the_engine_is_busy(
    client: Client, address: str, engine: SlowEngine
) -> None:
    engine.step_s = 0.05
    busy = Client(address, verbose=False).submit(api_name="/make", **{**BEAT_ONLY, "bars": 64})
    try:
        wait_until(lambda: engine.running == 1)
        assert refused(client, api_name="/make", **{**BEAT_ONLY, "bpm": 9000}).startswith("bpm: ")
        assert refused(client, api_name="/cover", prompt="bells", variations=9).startswith("variations: ")
        assert not busy.done()
    finally:
        engine.step_s = 0.0
        busy.cancel()


def test_noise_is_measured_and_silence_refused_in_one_line(client: Client, tmp_path: Path) -> None:
    for name, sound in {"noise": np.random.default_rng(1).normal(0, 0.1, 88_200), "silence": np.zeros(88_200)}.items():
        soundfile.write(tmp_path / f"{name}.wav", sound, 44_100)
    assert "bpm" in client.predict(handle_file(tmp_path / "noise.wav"), api_name="/analyze")
    assert refused(client, handle_file(tmp_path / "silence.wav"), api_name="/analyze").startswith("file: ")
