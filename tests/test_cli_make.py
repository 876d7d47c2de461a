"""`python -m typebeat make`: what it prints while it works, what it leaves behind, and how it ends."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FAKE_WEIGHTS, FakeEngine, PartsEngine, SilentEngine

from typebeat import cli
from typebeat.cli.progress import PROGRESS_EVERY_S, ProgressLine
from typebeat.engines import Engines, load

ROOT = Path(__file__).parents[1]
ASKED = ("--style", "travis-scott", "--bpm", "140", "--key", "F minor", "--bars", "1", "--seed", "7")


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
from typebeat import cli
from typebeat.engines import Engines, load

class SlowEngine(FakeEngine):
    def generate(self, *arguments, job, **options):
        job.step(1, 9)
        time.sleep(600)

load.load_beat_engine = lambda choice: SlowEngine()
load.load_cover_engine = lambda choice: None
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
    line = ProgressLine(stream)
    for done in range(4):
        line(done, 3, "Making the beat")
    line.end()
    line.end()
    assert stream.text.count("\n") == 1
    assert stream.text.count("\r") == 4
    assert stream.text.endswith("\rMaking the beat: 3 of 3 steps\033[K\n")


def test_in_a_log_progress_does_not_flood(capsys):
    line = ProgressLine(sys.stderr)
    began = time.monotonic()
    for done in range(1001):
        line(done, 1000, "Making the beat")
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "Making the beat: 1000 of 1000 steps"
    assert len(lines) <= 3 + (time.monotonic() - began) / PROGRESS_EVERY_S


LOOP = str(ROOT / "docs" / "samples" / "loop.ogg")


def test_drums_and_an_808_are_made_for_my_loop(play, tmp_path):
    code, out, err = play(
        "drums and an 808", "--reference", LOOP, "--seed", "7", "--parts", "beat,stems", engine=PartsEngine()
    )
    assert code == 0, err
    assert "note: 120 BPM, 4 whole bars from its first sample" in err
    folder = tmp_path / out.splitlines()[0]
    assert sorted(path.name for path in (folder / "stems").iterdir()) == [
        "1_drums_120bpm.wav",
        "2_808_120bpm.wav",
        "3_sample_120bpm.wav",
    ]
    recipe = json.loads((folder / "recipe.json").read_text())
    assert (recipe["bpm"], recipe["bars"], recipe["reference"]["name"]) == (120, 8, "loop.ogg")


def test_a_dry_run_tells_what_was_heard_of_a_reference(play):
    code, out, _ = play("warm keys", "--reference", "Am F C G", "--dry-run")
    told = json.loads(out)
    assert code == 0
    assert (told["reference"]["kind"], told["reference"]["key"], told["key"]) == ("chords", "A minor", "A minor")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--reference", "Am F C G"), "were not taught to play given notes"),
        (("--reference", "nothing.wav"), "there is no file 'nothing.wav'"),
        (("--reference", LOOP, "--use", "style"), "do not hear how a sound sounds"),
        (("--transpose", "2"), "transpose says how a reference is used, and there is none"),
        (("--reference", LOOP, "--of", "packs/x", "--again", "drums"), "there is no recipe.json"),
        (("--reference", LOOP, "--reference-tempo", "x3"), "choose x2 or /2"),
    ],
)
def test_a_reference_that_cannot_be_used_ends_with_2_and_one_line(play, arguments, line):
    code, out, err = play("hard drums", *arguments, engine=PartsEngine())
    assert (code, out) == (2, "")
    assert line in err.splitlines()[-1]


def test_a_dry_run_tells_what_was_heard_of_a_sound_and_what_would_be_made(play, monkeypatch):
    monkeypatch.setattr(load, "load_listeners", lambda settings: Engines(FakeEngine()))
    loop = str(ROOT / "docs" / "samples" / "loop.ogg")
    code, out, err = play("--reference", loop, "--use", "continue", "--dry-run", engine=PartsEngine())
    told = json.loads(out)
    assert (code, err, told["bpm"], told["key"], told["bars"]) == (0, "", 120, "F minor", 12)
    assert told["reference"]["settles"] == {"bpm": 120, "key": "F minor", "bars": 12}
    first = "your sound first, 4 bars of it, then drums, 808, chords and melody to bar 12"
    assert told["reference"]["would_make"] == [first, "your sound at its own tempo"]
    assert not Path("packs").exists()
    code, out, err = play("--reference", loop, "--use", "continue", "--bars", "4", "--dry-run")
    assert (code, out) == (2, "")
    assert "ask for more bars" in err
