"""The command line's contract: what it prints where, and how it ends."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
import soundfile
from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine, SilentEngine

from training.starter.corpus import make_beat
from typebeat import cli, engines
from typebeat.request import BeatRequest

ROOT = Path(__file__).parents[1]
ASKED = ("--style", "travis-scott", "--bpm", "140", "--key", "F minor", "--bars", "1", "--seed", "7")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m typebeat` as somebody in a shell does."""
    command = [sys.executable, "-m", "typebeat", *arguments]
    environment = {**os.environ, "COLUMNS": "200", **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def play(monkeypatch, tmp_path, capsys):
    """Runs `make` with an engine that needs no model; returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def make(*arguments: str, engine: FakeEngine | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(engines, "load_beat_engine", lambda choice: engine or FakeEngine())
        monkeypatch.setattr(engines, "load_cover_engine", lambda choice: FakeCover())
        code = cli.main(["make", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return make


def test_help_lists_every_option_of_a_request_with_its_limits():
    ran = run("make", "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    for option in fields(BeatRequest):
        assert option.metadata["help"].split(";")[0] in ran.stdout
        if option.name != "prompt":
            assert f"--{option.name.replace('_', '-')}" in ran.stdout
    assert "70 to 170 BPM" in ran.stdout


def test_help_of_the_whole_names_the_commands():
    ran = run("--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {"make", "weights"} <= set(ran.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("mke",),
        ("make",),
        ("make", ""),
        ("make", "bells", "and", "drums"),
        ("make", "bells", "--tempo", "140"),
        ("make", "bells", "--bpm"),
        ("make", "bells", "--bpm", "fast"),
        ("make", "bells", "--bpm", "0"),
        ("make", "bells", "--title", "x" * 500),
        ("make", "bells", "--cover-strength", "5"),
        ("cover",),
        ("cover", "bells", "--size", "2000"),
        ("cover", "bells", "--variations", "5"),
        ("cover", "bells", "--out", "cover.jpg"),
        ("make", "bells", "--bpm", "-5"),
        ("make", "bells", "--bpm", "1e9"),
        ("make", "bells", "--bpm", "nan"),
        ("make", "bells", "--bars", "0"),
        ("make", "bells", "--bars", "10000"),
        ("make", "bells", "--key", "H dur"),
        ("make", "bells", "--style", "drake"),
        ("make", "bells", "--seed", "-1"),
        ("make", "bells", "--parts", "beat,video"),
        ("make", "x" * 5000),
        ("make", "bells\x07"),
        ("make", "in 65 bpm"),
        ("weights", "--all"),
    ],
    ids=lambda arguments: " ".join(arguments)[:30] or "nothing",
)
def test_a_wrong_request_ends_with_2_and_one_line(arguments, capsys):
    code = cli.main(list(arguments))
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("typebeat: ")


def test_without_prompt_and_style_a_shell_sees_one_line_and_2():
    ran = run("make")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "typebeat: nothing is asked for: write a prompt or choose a style (travis-scott, kid-cudi or don-toliver)\n"
    )


def test_bytes_that_are_no_text_are_refused_in_one_line():
    command = [sys.executable, "-m", "typebeat", "make", b"bells \xff"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1


def test_weights_that_are_missing_end_with_1_and_one_line(tmp_path):
    ran = run("make", "bells", "--out", str(tmp_path), TYPEBEAT_BEAT="./no-such-folder")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("typebeat: there is no weights folder './no-such-folder'")
    assert len(ran.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_cannot_be_written_ends_with_1_before_the_model_is_loaded(tmp_path):
    (tmp_path / "file").write_text("in the way")
    ran = run("make", "bells", "--out", str(tmp_path / "file"), TYPEBEAT_BEAT="./no-such-folder")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(r"typebeat: the output folder cannot be written \(.*\), choose another: .*/file\n", ran.stderr)


def test_a_pack_ends_with_0_and_prints_its_folder_and_its_zip(play, tmp_path):
    code, out, err = play("dark bells", *ASKED, "--takes", "2", "--parts", "beat", "--out", "packs/")
    folder = Path("packs/travis-scott_140bpm_Fmin_1bars_s7")
    assert code == 0
    assert out.splitlines() == [str(folder), f"{folder}.zip"]
    assert (tmp_path / folder / "beat_140bpm_Fmin_take2.wav").is_file()
    assert "Making 2 takes: 46 of 46 steps" in err


def test_every_option_reaches_the_recipe(play, tmp_path):
    options = {"guidance": 4.5, "temperature": 0.9, "top_k": 50}
    flags = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    _, out, _ = play("dark bells", *ASKED, *flags)
    recipe = json.loads((tmp_path / out.splitlines()[0] / "recipe.json").read_text())
    assert {name: recipe[name] for name in options} == options
    assert (recipe["prompt"], recipe["bpm"], recipe["key"], recipe["bars"]) == ("dark bells", 140, "F minor", 1)


def test_covers_are_drawn_alone_and_printed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(engines, "load_cover_engine", lambda choice: FakeCover(replace(FAKE_WEIGHTS, notice="small")))
    monkeypatch.chdir(tmp_path)
    asked = ("cover", "dark bells", "--style", "kid-cudi", "--seed", "7", "--variations", "2", "--no-title")
    assert cli.main([*asked, "--out", "new/night.png"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["new/night.png", "new/night_2.png"]
    assert "note: small" in err
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["night.png", "night_2.png"]
    first = (tmp_path / "new" / "night.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert cli.main([*asked, "--out", "again.png"]) == 0
    assert (tmp_path / "again.png").read_bytes() == first


def test_a_notice_about_the_weights_is_told(play):
    engine = FakeEngine(replace(FAKE_WEIGHTS, notice="the starter stands in"))
    _, out, err = play(*ASKED, engine=engine)
    assert "note: the starter stands in" in err
    recipe = json.loads((Path(out.splitlines()[0]) / "recipe.json").read_text())
    assert recipe["weights"]["beat"]["notice"] == "the starter stands in"


def test_a_full_disk_ends_with_1_and_leaves_nothing(play, monkeypatch, tmp_path):
    def fill(path, content):
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", fill)
    code, out, err = play(*ASKED)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("typebeat: the disk is full, nothing was written")
    assert not list((tmp_path / "packs").iterdir())


def test_silence_ends_with_1_and_a_line_of_advice(play):
    code, out, err = play(*ASKED, engine=SilentEngine())
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == "typebeat: the model made silence from seed 7; try another seed"


def test_an_unexpected_error_ends_with_1_and_says_how_to_see_more(play, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("out of\nmemory")

    monkeypatch.setattr(FakeEngine, "generate", break_down)
    code, _, err = play(*ASKED)
    assert (code, err) == (1, "typebeat: RuntimeError: out of memory (TYPEBEAT_TRACEBACK=1 shows where)\n")
    monkeypatch.setenv("TYPEBEAT_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        play(*ASKED)


SLOW_MAKE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
sys.path.insert(0, "tests")
from fakes import FakeEngine
from training.starter.corpus import make_beat
from typebeat import cli, engines

class SlowEngine(FakeEngine):
    def generate(self, *arguments, progress, **options):
        progress(1, 9)
        time.sleep(600)

engines.load_beat_engine = lambda choice: SlowEngine()
engines.load_cover_engine = lambda choice: None
sys.exit(cli.main(sys.argv[1:]))
"""


def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path):
    command = [sys.executable, "-c", SLOW_MAKE, "make", "bells", "--out", str(tmp_path)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "1 of 9 steps" in running.stderr.readline()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert (running.returncode, out) == (130, "")
    assert err == "typebeat: interrupted; no half pack is left\n"
    assert not list(tmp_path.iterdir())


def test_analyze_tells_tempo_key_and_level_and_what_was_asked(tmp_path, play, capsys):
    play(*ASKED[:-4], "--bars", "4", "--seed", "7", "--parts", "beat", "--out", str(tmp_path))
    beat = next(tmp_path.rglob("beat_*.wav"))
    assert cli.main(["analyze", str(beat), "--bpm", "140", "--key", "Fm"]) == 0
    out = capsys.readouterr().out
    assert "140 BPM, felt at 70" in out
    assert "as asked" in out
    assert "-14.0 LUFS" in out
    assert cli.main(["analyze", str(beat), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["bars"] == 4
    assert facts["asked_bpm"] is None


@pytest.mark.parametrize("arguments", [("nowhere.wav",), ("README.md",), ("README.md", "--bpm", "fast"), ()])
def test_analyze_refuses_what_is_no_sound_with_2_and_one_line(arguments):
    ran = run("analyze", *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert ran.stderr.startswith("typebeat: ")


def test_weights_tells_name_revision_licence_source_and_the_hubs_entries(monkeypatch, capsys):
    monkeypatch.setattr(
        engines, "load_beat_engine", lambda choice: FakeEngine(replace(FAKE_WEIGHTS, notice="stands in"))
    )
    assert cli.main(["weights"]) == 0
    out = capsys.readouterr().out
    assert "fake@0123456789ab from folder, licence mit" in out
    assert "note: stands in" in out
    assert "cc-by-nc-4.0" in out


class Terminal:
    """A stream that says it is a terminal, and keeps what it gets."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_progress_is_one_line_that_is_written_over():
    stream = Terminal()
    line = cli.ProgressLine(stream)
    for done in range(4):
        line(done, 3, "Making the beat")
    line.end()
    line.end()
    assert stream.text.count("\n") == 1
    assert stream.text.count("\r") == 4
    assert stream.text.endswith("\rMaking the beat: 3 of 3 steps\033[K\n")


def test_in_a_log_progress_does_not_flood(capsys):
    line = cli.ProgressLine(sys.stderr)
    began = time.monotonic()
    for done in range(1001):
        line(done, 1000, "Making the beat")
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "Making the beat: 1000 of 1000 steps"
    assert len(lines) <= 3 + (time.monotonic() - began) / cli.PROGRESS_EVERY_S


def test_a_sound_is_written_down_as_midi_and_its_files_are_printed(tmp_path):
    beat = make_beat(200_009, bars=2)
    soundfile.write(tmp_path / "loop.wav", beat.mix, beat.sample_rate)
    bpm, key = f"{beat.score.bpm:g}", beat.score.key
    asked = ("--bpm", bpm, "--key", key, "--feel", "groove", "--no-snap", "--out", str(tmp_path / "midi"))
    ran = run("midi", str(tmp_path / "loop.wav"), *asked, TYPEBEAT_STEMS="starter")
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr
    printed = [Path(line) for line in ran.stdout.splitlines()]
    assert printed[-1].name.startswith(f"all_{bpm}bpm_")
    assert sorted(printed) == sorted((tmp_path / "midi").iterdir())
    assert f"{bpm} BPM" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("text.wav",), "text.wav"),
        (("missing.wav",), "missing.wav"),
        (("text.wav", "--bpm", "fast"), "bpm must be a number from 40 to 240"),
        (("text.wav", "--feel", "loose"), "tight, groove or raw"),
        ((), "file"),
    ],
)
def test_midi_says_in_one_line_what_is_wrong(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TYPEBEAT_STEMS", "starter")
    (tmp_path / "text.wav").write_text("no sound")
    code = cli.main(["midi", *arguments])
    told = capsys.readouterr().err
    assert code == 2
    assert said in told
    assert len(told.splitlines()) == 1
