"""Whatever is brought to `/make` or the command line is used, or refused in a line that helps; nothing stays behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import own_inputs as own
import pytest
from fakes import PartsEngine
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from page_server import serve_runner

from typebeat.engines import Listeners, load
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.serving import jobs, kept_folders

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio

Write = Callable[[Path], Path]
SOUNDS: dict[str, tuple[Write, str]] = {
    "noise.wav": (
        lambda path: own.sound(path, 0.1 * np.random.default_rng(3).standard_normal(4 * own.RATE)),
        "as in noise or speech; a loop of keys, guitar, voice or drums with a steady beat in 4/4 works",
    ),
    "speech.wav": (lambda path: own.sound(path, own.speech(), own.VOICE_RATE), "as in noise or speech"),
    "drums.wav": (lambda path: own.sound(path, own.drums()), "only drums were heard in it"),
    "no_beat.wav": (lambda path: own.sound(path, own.without_beat()), "no steady beat was heard in it; say its tempo"),
    "waltz.wav": (lambda path: own.sound(path, own.in_metre(3)), "it sounds like 3/4, and beats are made in 4/4"),
    "five.wav": (lambda path: own.sound(path, own.in_metre(5)), "it sounds like 5/4, and beats are made in 4/4"),
    "drift.wav": (lambda path: own.sound(path, own.drifting()), "no steady beat was heard in it; say its tempo"),
}
AT_ONCE: dict[str, tuple[Write, str]] = {
    "silence.wav": (lambda path: own.sound(path, np.zeros(5 * own.RATE)), "is silent; bring a sound"),
    "short.wav": (lambda path: own.sound(path, own.in_metre(4)[: round(0.3 * own.RATE)]), "is 0.3 s long; at least 1"),
    "long.flac": (
        lambda path: own.sound(path, np.resize(own.in_metre(4, rate=8000), 11 * 60 * 8000), 8000),
        "is 11.0 minutes long; up to 10 are allowed",
    ),
    "empty.mid": (lambda path: own.midi(path, [own.melody(0)]), "holds no notes; a standard MIDI file (.mid) with"),
    "cut.mid": (
        lambda path: path.write_bytes(own.midi(path, [own.melody(64)]).read_bytes()[:-90]) and path,
        "is damaged or cut off; export it again",
    ),
    "many.mid": (lambda path: own.many_notes(path, 45_000), "holds 45,000 notes; up to 20,000 are read"),
    "large.mid": (lambda path: own.many_notes(path, 1_250_000), "10.0 MB of events; up to 1 MB are read"),
}
USED: dict[str, tuple[Write, str]] = {
    "dull.wav": (lambda path: own.sound(path, own.in_metre(4, rate=8000), 8000), "recorded at 8 kHz"),
    "six.wav": (lambda path: own.sound(path, np.stack([own.in_metre(4)] * 6, axis=1)), "its 6 channels were mixed"),
    "thirty.mid": (
        lambda path: own.midi(path, [own.melody(name=f"Track {n}", channel=n % 9, pitch=36 + n) for n in range(30)]),
        "30. Track 29 (channel 3, 16 notes): melody",
    ),
    "map.mid": (lambda path: own.midi(path, [own.melody(64)], bpms=(92, 120, 99)), "99 BPM, and 2 changes of tempo"),
    "zero.mid": (lambda path: own.midi(path, [own.melody()], kind=0), "92 BPM, 4/4, 4 bars"),
    "two.mid": (lambda path: own.midi(path, [own.melody(), own.melody()], kind=2), "it holds 2 patterns (type 2)"),
    "running.mid": (own.running_status, "120 BPM, 4/4, 2 bars"),
}
CHORDS = {"H": "the German H is written B", "C/x": "must be a note such as E", "Am " * 1667: "1,000 are allowed"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, jobs.JobRunner, Path]]:
    """A client of a page, what runs its jobs, and the folder that gets uploads."""
    with pytest.MonkeyPatch.context() as patch:
        uploads = tmp_path_factory.mktemp("uploads")
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        with serve_runner(PartsEngine(takes_notes=True), pitches=BasicPitch()) as (address, runner):
            yield Client(address, verbose=False, download_files=tmp_path_factory.mktemp("got")), runner, uploads


@pytest.fixture
def play(play, monkeypatch):
    monkeypatch.setattr(load, "load_listeners", lambda settings: Listeners())
    return partial(play, engine=PartsEngine(takes_notes=True))


def written(files: dict[str, tuple[Write, str]], name: str, folder: Path) -> tuple[Path, str]:
    write, line = files[name]
    return write(folder / name), line


@pytest.mark.parametrize("name", [*SOUNDS, *AT_ONCE])
def test_what_cannot_be_used_is_refused_in_one_line_and_leaves_no_pack(door, name, tmp_path):
    client, runner, _ = door
    file, line = written({**SOUNDS, **AT_ONCE}, name, tmp_path)
    with pytest.raises(AppError) as refused:
        client.predict("dark", reference=handle_file(file), parts=["beat"], bars=1, api_name="/make")
    told = str(refused.value)
    assert line in told
    assert "\n" not in told
    assert str(tmp_path) not in told
    assert not list(runner.folders.rglob("*.wav"))


@pytest.mark.parametrize("name", USED)
def test_what_is_unusual_is_used_and_it_is_said_what_was_heard(door, name, tmp_path):
    client, _, _ = door
    file, line = written(USED, name, tmp_path)
    told = client.predict(reference=handle_file(file), api_name="/understand")["reference"]
    assert [each for each in told["heard"] if line in each], told["heard"]
    assert told["would_make"]
    assert told["refused"] == ""


@pytest.mark.parametrize("chords", CHORDS)
def test_chords_that_are_none_are_refused_at_both_doors(door, play, chords):
    with pytest.raises(AppError, match=CHORDS[chords]):
        door[0].predict(reference=chords, api_name="/make")
    code, out, err = play("--reference", chords)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert CHORDS[chords] in err


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_command_line_refuses_in_one_line_and_writes_nothing(play, name, tmp_path):
    file, line = written(AT_ONCE, name, tmp_path)
    code, out, err = play("--reference", str(file), "--out", "packs")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert line in err
    assert not Path("packs").exists()


@pytest.mark.parametrize("name", ["six.wav", "thirty.mid", "two.mid"])
def test_the_command_line_makes_a_beat_of_what_is_unusual(play, name, tmp_path):
    file, line = written(USED, name, tmp_path)
    code, out, err = play("--reference", str(file), "--bars", "1", "--parts", "beat", "--drafts", "1")
    assert code == 0, err
    assert line in err
    recipe = json.loads((Path(out.splitlines()[0]) / "recipe.json").read_text())
    assert recipe["reference"]["name"] == name


def test_nothing_of_an_upload_stays_once_its_pack_is_gone(door, tmp_path, monkeypatch):
    client, runner, uploads = door
    content = own.sound(tmp_path / "mine.wav", own.in_metre(4, bpm=101)).read_bytes()
    client.predict("dark", reference=handle_file(tmp_path / "mine.wav"), parts=["beat"], bars=1, api_name="/make")

    def kept() -> list[Path]:
        places = [path for folder in (uploads, runner.folders) for path in folder.rglob("*")]
        return [path for path in places if path.name == "mine.wav" or (path.is_file() and path.read_bytes() == content)]

    assert kept()
    monkeypatch.setattr(kept_folders, "KEPT_SECONDS", -1)
    client.predict("dark", parts=["beat"], bars=1, api_name="/make")
    assert not kept()
