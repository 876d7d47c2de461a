"""The Space: its folder as the Hub would get it starts by itself, and page, API and command line make the same pack."""

from __future__ import annotations

import functools
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from browsers import chromium
from gradio_client import Client

from typebeat import cli

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
ROOT = Path(__file__).parents[1]
LARGEST_FILE = 10_000_000  # the Hub wants larger ones in LFS
START_S, END_S = 180, 30
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 160, "key": "F minor", "bars": 1, "seed": 7}
BEAT_ONLY = ["beat"]


def front_matter() -> dict[str, str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
    return dict(re.findall(r"^(\w+): *(.+)$", text, re.MULTILINE))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files alone, in a folder of another name."""
    space = tmp_path_factory.mktemp("hub") / "space"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:  # no clone: an archive of one
        shutil.copytree(ROOT, space, ignore=shutil.ignore_patterns(".git", "__pycache__", ".venv", "packs", "runs"))
        return space
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (space / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, space / name)
    return space


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    temporary = tmp_path_factory.mktemp("temporary")
    own = {"TYPEBEAT_BEAT": "starter", "GRADIO_SERVER_PORT": str(port), "TMPDIR": str(temporary), "HF_HUB_OFFLINE": "1"}
    return {**os.environ, **own, "PYTHONPATH": ""}


@pytest.fixture(scope="module")
def space(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    app = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + START_S
    while time.monotonic() < until and app.poll() is None:
        try:
            if httpx.get(address(environment), timeout=2).status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    else:
        app.kill()
        pytest.fail(f"app.py did not start:\n{app.communicate()[0]}")
    yield app
    app.kill()


def address(environment: dict[str, str]) -> str:
    return f"http://127.0.0.1:{environment['GRADIO_SERVER_PORT']}/"


def test_the_header_fits_what_is_pinned_and_what_a_space_runs() -> None:
    header = front_matter()
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert re.search(rf"^gradio(\[\w+\])?=={re.escape(header['sdk_version'])}(\s|$)", pins, re.MULTILINE)
    assert header["sdk"] == "gradio"
    assert header["app_file"] == "app.py"
    assert header["python_version"] == '"3.10"'
    assert len(header["short_description"]) <= 60


def test_no_file_needs_lfs(folder: Path) -> None:
    large = [path.name for path in folder.rglob("*") if path.is_file() and path.stat().st_size > LARGEST_FILE]
    assert not large


def test_page_api_and_command_line_make_the_same_bytes_with_the_starter(
    space: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, recipe, pack = Client(address(environment), verbose=False, download_files=tmp_path).predict(
        api_name="/make", **WISH, parts=BEAT_ONLY
    )
    assert recipe["weights"]["beat"]["name"] == "starter"
    by_api = Path(pack).read_bytes()

    for name in ("TYPEBEAT_BEAT", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, environment[name])
    flags = [f"--{name}={value}" for name, value in WISH.items() if name != "prompt"]
    assert cli.main(["make", WISH["prompt"], *flags, "--parts=beat", f"--out={tmp_path / 'cli'}"]) == 0
    by_command_line = next((tmp_path / "cli").glob("*.zip")).read_bytes()
    assert by_command_line == by_api

    with chromium() as browser:
        page = browser.new_page()
        query = "&".join(f"{name}={value}" for name, value in WISH.items())
        page.goto(f"{address(environment)}?{query.replace(' ', '+')}&parts=beat")
        page.locator("#seed textarea").wait_for()
        page.wait_for_function("document.querySelector('#seed textarea')?.value === '7'")
        page.click("#make")
        page.locator('[data-state="finished"]').wait_for(timeout=90_000)
        with page.expect_download() as download:
            page.locator("a.download.big").click()
        download.value.save_as(tmp_path / "page.zip")
    assert (tmp_path / "page.zip").read_bytes() == by_api


def test_told_to_end_it_ends_cleanly_and_leaves_no_folder(
    space: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    Client(address(environment), verbose=False).submit(api_name="/make", **{**WISH, "bars": 64})
    time.sleep(1)
    space.send_signal(signal.SIGTERM)
    told, _ = space.communicate(timeout=END_S)
    assert space.returncode == 0, told
    assert re.search(r"^typebeat: beat starter@[0-9a-f]{12} on cpu, \w+.*loaded in [\d.]+ s$", told, re.MULTILINE)
    assert "Traceback" not in told
    assert not list(Path(environment["TMPDIR"]).glob("typebeat-*"))


def flags_of_hf(command: str) -> list[str]:
    """The flags in a command line of `hf`, each of which the installed client knows."""
    words = command.split()
    told = help_of_hf(*itertools.takewhile(lambda word: word.islower() and "/" not in word, words))
    flags = [word for word in words if word.startswith("-")]
    assert all(flag in told for flag in flags), command
    return flags


@functools.cache
def help_of_hf(*group: str) -> str:
    hf = Path(sys.executable).with_name("hf")
    return subprocess.run([hf, *group, "--help"], capture_output=True, text=True, check=True, timeout=60).stdout


def test_readmes_commands_for_the_hub_have_the_flags_that_the_client_knows() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    hf (.+)$", readme, re.MULTILINE)
    assert len(commands) == 3
    assert all(flags_of_hf(command) for command in commands)


def test_github_runs_what_ci_runs_and_mirrors_main_only_where_a_token_is_set() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    tests, space = workflow["jobs"]["test"], workflow["jobs"]["space"]
    assert tests["strategy"]["matrix"]["python"] == ["3.10", "3.11"]
    assert [step["run"] for step in tests["steps"] if "run" in step][-1] == ".ci/run"
    assert space["needs"] == "test"
    assert "refs/heads/main" in space["if"]
    mirror = next(step["run"] for step in space["steps"] if "run" in step)
    assert mirror.index('-z "$HF_TOKEN"') < mirror.index("exit 0") < mirror.index("hf upload")
    assert "--delete" in flags_of_hf(re.search(r"^hf (.+)$", mirror, re.MULTILINE)[1])
