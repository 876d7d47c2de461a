"""The command line's contract: its help, what it refuses, and the commands beside `make`."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import soundfile
from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine

from training.starter.simple_corpus.beats import make_beat
from typebeat import cli
from typebeat.engines import load
from typebeat.request.requests import BeatRequest

ROOT = Path(__file__).parents[1]


def run(*arguments: str | bytes) -> subprocess.CompletedProcess[str]:
    """Runs `python -m typebeat` as somebody in a shell does."""
    command = [sys.executable, "-m", "typebeat", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "COLUMNS": "200"}, capture_output=True, text=True)


def test_help_lists_every_option_of_a_request_with_its_limits():
    ran = run("make", "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    for option in fields(BeatRequest):
        assert option.metadata["help"].split(";")[0] in ran.stdout
        if option.name != "prompt":
            assert f"--{option.name.replace('_', '-')}" in ran.stdout
    assert "70 to 170 BPM" in ran.stdout


def test_help_of_the_whole_names_the_commands(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    told = capsys.readouterr()
    assert (ended.value.code, told.err) == (0, "")
    assert {"make", "weights"} <= set(told.out.split())


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
        ("make", "in 20 bpm"),
        ("make", "no drums, no 808, no chords, no melody"),
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
    ran = run("make", b"bells \xff")
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1


@pytest.fixture
def missing_weights(monkeypatch):
    monkeypatch.setenv("TYPEBEAT_BEAT", "./no-such-folder")


def test_weights_that_are_missing_end_with_1_and_one_line(missing_weights, tmp_path, capsys):
    code = cli.main(["make", "bells", "--out", str(tmp_path)])
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert told.err.startswith("typebeat: there is no weights folder './no-such-folder'")
    assert len(told.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_cannot_be_written_ends_with_1_before_the_model_is_loaded(
    missing_weights, tmp_path, capsys
):
    (tmp_path / "file").write_text("in the way")
    code = cli.main(["make", "bells", "--out", str(tmp_path / "file")])
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert re.fullmatch(r"typebeat: the output folder cannot be written \(.*\), choose another: .*/file\n", told.err)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EMFILE, "typebeat: the output folder cannot be written (Too many open files): "),
        (errno.EROFS, "typebeat: the output folder cannot be written (Read-only file system), choose another: "),
    ],
)
def test_another_folder_is_proposed_only_where_it_would_help(
    number, said, missing_weights, tmp_path, monkeypatch, capsys
):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "touch", refuse)
    assert cli.main(["make", "bells", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{said}{tmp_path}\n"


def test_covers_are_drawn_alone_and_printed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(load, "load_cover_engine", lambda choice: FakeCover(replace(FAKE_WEIGHTS, notice="small")))
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


@pytest.mark.parametrize("arguments", [("nowhere.wav",), ("README.md",), ("README.md", "--bpm", "fast"), ()])
def test_analyze_refuses_what_is_no_sound_with_2_and_one_line(arguments, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = cli.main(["analyze", *arguments])
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert len(told.err.splitlines()) == 1
    assert told.err.startswith("typebeat: ")


def test_weights_tells_name_revision_licence_source_and_the_hubs_entries(monkeypatch, capsys):
    monkeypatch.setattr(load, "load_beat_engine", lambda choice: FakeEngine(replace(FAKE_WEIGHTS, notice="stands in")))
    monkeypatch.setenv("TYPEBEAT_STEMS", "starter")
    assert cli.main(["weights"]) == 0
    out = capsys.readouterr().out
    assert "fake@0123456789ab from folder, licence mit" in out
    assert "note: stands in" in out
    assert "stems: soft masks, without weights" in out
    assert "cc-by-nc-4.0" in out


def test_a_sound_is_written_down_as_midi_and_its_files_are_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TYPEBEAT_STEMS", "starter")
    beat = make_beat(200_009, bars=2)
    soundfile.write(tmp_path / "loop.wav", beat.mix, beat.sample_rate)
    bpm, key = f"{beat.score.bpm:g}", beat.score.key
    asked = ("--bpm", bpm, "--key", key, "--feel", "groove", "--no-snap", "--out", str(tmp_path / "midi"))
    code = cli.main(["midi", str(tmp_path / "loop.wav"), *asked])
    told = capsys.readouterr()
    assert (code, "Traceback" in told.err) == (0, False), told.err
    printed = [Path(line) for line in told.out.splitlines()]
    assert printed[-1].name.startswith(f"all_{bpm}bpm_")
    assert sorted(printed) == sorted((tmp_path / "midi").iterdir())
    assert f"{bpm} BPM" in told.err


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
