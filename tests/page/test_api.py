"""`/midi`, `/cover` and `/analyze` by the real client, the contract of all, tools for agents, and bad input."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import re
import secrets
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import mido
import numpy as np
import pytest
import soundfile
from api_snapshot import SNAPSHOT, endpoints
from fakes import FakeCover
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from page_server import SlowEngine, serve
from PIL import Image

from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.stems import load_stem_splitter
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 2, "seed": 7}
BEAT_ONLY = {**WISH, "parts": ["beat"]}
# what the page's "Start from" holds at first
WORDS_ALONE = ["words", None, None, None, "", "sample", ["drums", "808"], "", "x1", 0, 0, ""]
TOO_LARGE = 2 * 10**9


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
    takes, _, _ = client.predict(api_name="/make", **{**BEAT_ONLY, "bars": 4})
    return Path(takes[0])


# --- the contract ---


def test_the_api_is_what_programs_rely_on(address: str) -> None:
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert endpoints(address) == kept, "if the change is meant: python tests/api_snapshot.py"


def test_every_option_is_a_keyword_with_its_default_and_nothing_else_is_public(address: str) -> None:
    api = endpoints(address)
    assert list(api["named"]) == ["/make", "/midi", "/cover", "/analyze", "/understand"]
    assert not api["unnamed"]
    for name, record in {
        "/make": BeatRequest,
        "/midi": MidiOptions,
        "/cover": CoverRequest,
        "/understand": BeatRequest,
    }.items():
        parameters = {each["parameter_name"]: each for each in api["named"][name]["parameters"]}
        options = [*fields(record), *(fields(ReferenceOptions) if record is BeatRequest else ())]
        beside = [each for each in parameters if each not in ("file", "of", "reference")]
        assert sorted(beside) == sorted(option.name for option in options)
        others = {"/make": {"of", "reference"}, "/understand": {"reference"}}.get(name, set())
        assert {"of", "reference"} & set(parameters) == others
        for option in options:
            default = list(option.default) if isinstance(option.default, tuple) else option.default
            assert parameters[option.name]["parameter_default"] == default
            assert parameters[option.name]["type"], "has a type"


def test_the_endpoints_are_tools_for_agents(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> tuple[dict[str, Any], Any]:
        async with (
            streamablehttp_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            return tools, await session.call_tool("make", {**BEAT_ONLY, "bars": 1})

    tools, made = asyncio.run(talk())
    assert sorted(tools) == ["analyze", "cover", "make", "midi", "understand"]
    assert "beat pack" in tools["make"].description
    assert tools["make"].inputSchema["properties"]["bpm"]["description"].startswith("tempo")
    assert not made.isError
    assert "beat_140bpm_Fmin.wav" in made.content[0].text


def test_a_call_with_too_few_values_is_told_what_is_wrong(address: str) -> None:
    event = httpx.post(f"{address}gradio_api/call/make", json={"data": ["bells"]}).json()["event_id"]
    told = httpx.get(f"{address}gradio_api/call/make/{event}", timeout=30).text
    assert "event: error" in told
    assert "null" not in told.splitlines()[1]
    assert "enough input" in told
    assert "Traceback" not in told


def test_a_file_that_cannot_be_fetched_is_told_to_agents_as_that(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> Any:
        async with (
            streamablehttp_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await session.call_tool("midi", {"file": "http://127.0.0.1:9/loop.wav"})

    answer = asyncio.run(talk())
    assert answer.isError
    assert "show_error" not in answer.content[0].text


def test_the_contract_only_ever_grows_at_the_end(address: str) -> None:
    names = [each["parameter_name"] for each in endpoints(address)["named"]["/make"]["parameters"]]
    assert names[-13:-9] == ["mix", "again", "chosen", "of"]
    own = [option.name for option in fields(ReferenceOptions) if option.name != "voices"]
    assert names[-9:] == ["reference", *own, "adapter_strength", "voices"]


# --- real results ---


def test_what_is_understood_is_told_and_nothing_is_made(client: Client, engine: SlowEngine) -> None:
    made = len(engine.asked)
    told = client.predict("dunkles Klavier in a-Moll, keine Drums, wie Future", bpm=84, api_name="/understand")
    assert (told["bpm"], told["key"], told["seed"], told["parts_left_out"]) == (84, "A minor", None, ["drums"])
    assert told["not_understood"] == ["Future"]
    assert {"option": "key", "value": "A minor", "words": "a-Moll", "start": 19} in told["understood"]
    assert len(engine.asked) == made
    told = client.predict("120 bpm", bpm=84, api_name="/understand")
    assert [each["option"] for each in told["contradicted"]] == ["bpm"]


def test_midi_of_a_beat_has_notes_at_its_tempo(client: Client, beat: Path) -> None:
    files, facts = client.predict(handle_file(beat), bpm=140, api_name="/midi")
    parts = {Path(file).name.split("_")[0]: mido.MidiFile(file) for file in files}
    assert {"drums", "all"} <= set(parts)
    tempos = [each.tempo for each in parts["all"].tracks[0] if each.type == "set_tempo"]
    assert mido.tempo2bpm(tempos[0]) == pytest.approx(140, abs=0.5)
    assert sum(message.type == "note_on" for message in parts["drums"]) >= 16
    assert facts["passport"]["bpm_hit"]


def test_covers_are_pictures_with_their_recipes_and_script_is_text(client: Client) -> None:
    script = "<script>alert(1)</script>"
    files, recipes = client.predict(
        prompt=script, title=script, style="kid-cudi", seed=3, variations=2, api_name="/cover"
    )
    assert [Image.open(file).size for file in files] == [(1400, 1400)] * 2
    assert [recipe["seed"] for recipe in recipes] == [3, 4]
    assert [recipe["title"] for recipe in recipes] == [script] * 2
    assert len({Path(file).read_bytes() for file in files}) == 2


def test_analysis_measures_what_was_asked_for(client: Client, beat: Path) -> None:
    facts = client.predict(handle_file(beat), bpm=140, api_name="/analyze")
    assert facts["bpm"] == pytest.approx(140, abs=0.5)
    assert facts["asked_bpm"] == 140
    assert facts["bpm_hit"]


def test_readmes_lines_for_the_python_client_work_as_they_stand(address: str, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = re.findall(
        r"^    (.*)$", readme.split("**The Python client**")[1].split("Names, defaults")[0], re.MULTILINE
    )
    assert len(lines) == 4
    code = "\n".join(lines).replace("http://127.0.0.1:7860", address)
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"\.wav \w#? (minor|major) .*\.zip$", ran.stdout.strip())


# --- bad input ---


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


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

    def until(is_so: Callable[[], bool]) -> None:
        latest = time.monotonic() + 30
        while not is_so():
            assert time.monotonic() < latest
            time.sleep(0.02)

    host, port = address.removeprefix("http://").rstrip("/").split(":")
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    with socket.create_connection((host, int(port))) as visitor:
        visitor.sendall(head.encode())
        visitor.sendall(b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\nRIFF')
        until(lambda: len(unfinished()) == 1)
    until(lambda: not unfinished())


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


def test_twenty_clients_at_once_each_get_their_own(address: str, engine: SlowEngine) -> None:
    def visit(seed: int) -> tuple[int, bytes]:
        own = Client(address, verbose=False, httpx_kwargs={"timeout": 120})
        takes, recipe, _ = own.predict(api_name="/make", **{**BEAT_ONLY, "bars": 1, "seed": seed})
        return recipe["seed"], Path(takes[0]).read_bytes()

    with ThreadPoolExecutor(20) as crowd:
        got = list(crowd.map(visit, range(20)))
    assert [seed for seed, _ in got] == list(range(20))
    assert len({sound for _, sound in got}) == 20


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
