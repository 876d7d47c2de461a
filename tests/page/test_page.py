"""The named API, by the real client against a server that really runs; and what the page is made of."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import soundfile
from fakes import SilentEngine
from gradio_client import Client
from gradio_client.exceptions import AppError
from page_server import SlowEngine, serve

from typebeat.engines import Engines, WeightsError
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest
from typebeat.request.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
ROOT = Path(__file__).parents[2]
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 2, "seed": 7}
CROWD = 12  # clients at once


@pytest.fixture(scope="module")
def engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture(scope="module")
def address(engine: SlowEngine) -> Iterator[str]:
    with serve(engine) as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=tmp_path_factory.mktemp("got"))


def make(client: Client, **wish: Any) -> tuple[list[str], dict[str, Any], str]:
    return client.predict(api_name="/make", **wish)


def test_a_client_gets_the_takes_the_recipe_and_the_pack(client: Client) -> None:
    takes, recipe, pack = make(client, **WISH, takes=2)
    assert [Path(take).name for take in takes] == ["beat_140bpm_Fmin.wav", "beat_140bpm_Fmin_take2.wav"]
    for take in takes:
        sound = soundfile.info(take)
        assert (sound.samplerate, sound.frames) == (44_100, round(2 * 4 * 60 / 140 * 44_100))
    assert {name: recipe[name] for name in WISH} == WISH
    assert Path(pack).name == "travis-scott_140bpm_Fmin_2bars_s7.zip"
    with zipfile.ZipFile(pack) as packed:
        recipe_inside = next(name for name in packed.namelist() if name.endswith("recipe.json"))
        assert json.loads(packed.read(recipe_inside)) == recipe
        beat_inside = next(name for name in packed.namelist() if name.endswith("beat_140bpm_Fmin.wav"))
        assert packed.read(beat_inside) == Path(takes[0]).read_bytes()


def test_files_of_a_sharp_key_can_be_fetched(client: Client) -> None:
    takes, _, pack = make(client, **{**WISH, "key": "C# minor", "bars": 1})
    assert Path(takes[0]).name == "beat_140bpm_C#min.wav"
    assert soundfile.info(takes[0]).frames == round(4 * 60 / 140 * 44_100)
    assert zipfile.is_zipfile(pack)


def test_the_api_makes_the_same_bytes_as_the_pipeline(client: Client, engine: SlowEngine, tmp_path: Path) -> None:
    takes, _, pack = make(client, **WISH)
    here = make_pack(BeatRequest(**WISH), Engines(engine), tmp_path / "here")
    assert Path(takes[0]).read_bytes() == here.takes[0].read_bytes()
    assert Path(pack).read_bytes() == here.zip.read_bytes()


def test_readmes_lines_for_the_python_client_work_as_they_stand(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(
        r"^    (.*)$", readme.split("**The Python client**")[1].split("Names, defaults")[0], re.MULTILINE
    )
    assert len(lines) == 4
    monkeypatch.chdir(tmp_path)
    exec("\n".join(lines).replace("http://127.0.0.1:7860", address), {})
    assert re.search(r"\.wav \w#? (minor|major) .*\.zip$", capsys.readouterr().out.strip())


def test_what_is_left_open_is_decided_and_told(client: Client) -> None:
    _, recipe, _ = make(client, prompt="warm keys, kid cudi type beat, 84 bpm in D minor", bars=1)
    assert (recipe["style"], recipe["bpm"], recipe["key"]) == ("kid-cudi", 84, "D minor")
    assert isinstance(recipe["seed"], int)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bpm", "fast"),
        ("bpm", "nan"),
        ("bpm", 0),
        ("bpm", -5),
        ("bpm", 1e9),
        ("bpm", True),
        ("bars", 0),
        ("bars", 10_000),
        ("bars", 2.5),
        ("key", "H minor"),
        ("key", 7),
        ("style", "polka"),
        ("prompt", "x" * 5000),
        ("prompt", "bells\x07"),
        ("prompt", ["bells"]),
        ("takes", 5),
        ("seed", -1),
        ("seed", 2**31),
        ("guidance", 0),
        ("temperature", "inf"),
        ("temperature", "nan"),
        ("top_k", 0),
        ("parts", ["video"]),
        ("parts", "../../etc"),
    ],
)
def test_a_wrong_value_gives_one_line_that_begins_with_its_field(client: Client, field: str, value: Any) -> None:
    with pytest.raises(AppError) as wrong:
        make(client, **{**WISH, field: value})
    assert str(wrong.value).startswith(f"{field}: ")
    assert "Traceback" not in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_nothing_asked_for_says_what_to_do(client: Client) -> None:
    with pytest.raises(AppError, match="write a prompt or choose a style"):
        make(client)


def test_emoji_other_scripts_and_html_are_ordinary_words(client: Client) -> None:
    prompt = "🔥 тёмные колокола <script>alert(1)</script> 夜"
    _, recipe, _ = make(client, **{**WISH, "prompt": prompt})
    assert recipe["prompt"] == prompt


def test_an_engine_that_breaks_gives_one_line_and_leaves_the_next_request_unharmed(client: Client) -> None:
    with pytest.raises(AppError) as failure:
        make(client, **{**WISH, "prompt": "crash"})
    assert "This job failed" in str(failure.value)
    assert "ZeroDivisionError" not in str(failure.value)
    assert make(client, **WISH)[0]


def test_silence_is_no_beat() -> None:
    with serve(SilentEngine()) as url, pytest.raises(AppError, match="silence"):
        make(Client(url, verbose=False), **WISH)


def test_many_clients_at_once_are_served_one_by_one_each_with_its_own(address: str, engine: SlowEngine) -> None:
    engine.most_running, engine.step_s = 0, 0.001

    def visit(seed: int) -> tuple[int, str]:
        own = Client(address, verbose=False, httpx_kwargs={"timeout": 120})
        takes, recipe, _ = make(own, **{**WISH, "parts": ["beat"], "bars": 1, "seed": seed})
        return recipe["seed"], takes[0]

    with ThreadPoolExecutor(CROWD) as crowd:
        got = list(crowd.map(visit, range(CROWD)))
    engine.step_s = 0.0
    assert [seed for seed, _ in got] == list(range(CROWD))
    assert len({path for _, path in got}) == CROWD
    assert len({Path(path).read_bytes() for _, path in got}) == CROWD
    assert engine.most_running == 1


def test_no_file_outside_the_finished_packs_is_served(client: Client, address: str) -> None:
    import httpx

    for path in ("/etc/passwd", str(ROOT / "app.py"), "../../../../etc/passwd"):
        assert httpx.get(f"{address}gradio_api/file={path}").status_code in (403, 404)


# --- what the page is made of ---


def test_each_option_has_a_control_with_its_own_limits_and_default(client: Client) -> None:
    controls = {each["props"].get("elem_id"): each for each in client.config["components"]}
    for option in fields(BeatRequest):
        shown, about = controls[option.name]["props"], option.metadata
        if option.name == "parts":
            assert shown["value"] == [value for _, value in shown["choices"]] == list(about["choices"][1:])
            continue
        assert shown["label"] == (about["label"] if option.name != "prompt" else "What should it sound like?")
        assert shown.get("value") in (option.default, option.default or "")
        if controls[option.name]["type"] == "slider":
            assert (shown["minimum"], shown["maximum"], shown["step"]) == (about["low"], about["high"], about["step"])
        elif option.name in ("bpm", "bars"):
            assert shown["info"] == f"{about['low']} to {about['high']} {about['unit']}"
        if about["choices"]:
            assert {value for _, value in shown["choices"]} | {""} == {"", *about["choices"]}


def test_the_page_says_which_weights_play_and_that_nobody_named_is_affiliated(address: str) -> None:
    import httpx

    page = httpx.get(address).text
    assert "fake" in page
    assert "0123456789ab" in page
    assert "Nobody named is affiliated" in page


def test_app_is_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("reason", [WeightsError("no such folder: /nowhere"), OSError(28, "No space left on device")])
def test_app_says_in_one_line_why_it_cannot_start(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, reason: Exception
) -> None:
    import app

    def refuse(settings: Settings) -> None:
        raise reason

    monkeypatch.setattr("typebeat.serving.runners.load_engines", refuse)
    assert app.main() == 1
    assert capsys.readouterr().err == f"typebeat: {reason}\n"


def test_a_port_that_another_server_has_is_told_in_one_line_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    import gradio

    import app

    def taken(self: gradio.Blocks, **options: Any) -> None:
        raise OSError("Cannot find empty port in range: 7860-7860")

    monkeypatch.setattr("typebeat.serving.runners.load_engines", lambda settings: Engines(SlowEngine()))
    monkeypatch.setattr(gradio.Blocks, "launch", taken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert app.main() == 1
    assert capsys.readouterr().err == "typebeat: Cannot find empty port in range: 7860-7860\n"
    assert not list(tmp_path.glob("typebeat-*"))


def test_app_prints_one_health_line_and_serves(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import gradio

    import app

    served: list[dict[str, Any]] = []
    monkeypatch.setattr("typebeat.serving.runners.load_engines", lambda settings: Engines(SlowEngine()))
    monkeypatch.setattr(gradio.Blocks, "launch", lambda self, **options: served.append(options))
    assert app.main() == 0
    assert io.StringIO(capsys.readouterr().out).readline().startswith("typebeat: beat fake@0123456789ab on cpu, fp32, ")
    assert "server_port" not in served[0], "Gradio's own GRADIO_SERVER_PORT counts"
