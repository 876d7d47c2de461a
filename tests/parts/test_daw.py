"""README.txt says what a musician needs, and the Reaper project has everything on the grid."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import mido
import numpy as np
import pytest
from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine

from typebeat.engines import Engines
from typebeat.parts.daw import Fader, project_name, readme_text, reaper_project
from typebeat.parts.licences import plain_licence
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest
from typebeat.request.styles import DISCLAIMER
from typebeat.sound.audio import SAMPLE_RATE, Audio

BPM, BARS = 140, 6
SECONDS = BARS * 4 * 60 / BPM
BEAT = "beat_140bpm_Fmin.wav"
RECIPE = {
    "style": "travis-scott",
    "bpm": BPM,
    "key": "F minor",
    "bars": BARS,
    "seconds": SECONDS,
    "seed": 7,
    "takes": 2,
    "weights": {"beat": {"licence": "mit"}},
    "missing": [{"part": "cover", "why": "the model has no adapter"}, {"part": "stems", "why": "not asked for"}],
    "about": f"Made by a machine. {DISCLAIMER}",
}


def midi(*notes: tuple[int, float, float]) -> bytes:
    """A file of (pitch, first beat, last beat) in 480 ticks a beat."""
    song, track = mido.MidiFile(), mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    events = sorted(
        (beat, kind, pitch) for pitch, on, off in notes for beat, kind in ((on, "note_on"), (off, "note_off"))
    )
    before = 0.0
    for beat, kind, pitch in events:
        track.append(mido.Message(kind, note=pitch, velocity=90, time=round((beat - before) * 480)))
        before = beat
    song.tracks.append(track)
    file = io.BytesIO()
    song.save(file=file)
    return file.getvalue()


@pytest.fixture(scope="module")
def project() -> str:
    sound = Audio(np.zeros((1, 10)), SAMPLE_RATE)
    files = {
        "stems/drums.wav": b"",
        "midi/drums_140bpm_Fmin.mid": midi((36, 0, 0.25), (38, 2, 2.25)),
        "midi/all_140bpm_Fmin.mid": midi((36, 0, 1)),
        "cover.png": b"",
    }
    takes = {BEAT: sound, "beat_140bpm_Fmin_take2.wav": sound}
    assert reaper_project(takes, files, BPM, BARS) == reaper_project(takes, files, BPM, BARS)
    return reaper_project(takes, files, BPM, BARS).decode()


def test_the_project_is_well_formed_and_at_the_tempo(project):
    depth = 0
    for line in project.splitlines():
        depth += line.strip().startswith("<")
        depth -= line.strip() == ">"
    assert depth == 0
    assert f"TEMPO {BPM} 4 4" in project


def test_markers_stand_on_the_grid_and_the_end(project):
    markers = re.findall(r'MARKER \d+ ([\d.]+) "(.+?)"', project)
    bar = 4 * 60 / BPM
    assert [name for _, name in markers] == ["Bar 1", "Bar 5", "End"]
    assert [float(at) for at, _ in markers] == pytest.approx([0, 4 * bar, SECONDS], abs=1e-8)


def test_only_the_first_take_sounds_and_every_part_has_a_track(project):
    tracks = re.findall(r'NAME "(\w+)"\s+MUTESOLO (\d)', project)
    takes = [("beat_140bpm_Fmin", "0"), ("beat_140bpm_Fmin_take2", "1")]
    assert tracks == [*takes, ("drums", "1"), ("drums_140bpm_Fmin", "0")]
    assert all(float(length) == pytest.approx(SECONDS) for length in re.findall(r"LENGTH ([\d.]+)", project))
    assert 'FILE "stems/drums.wav"' in project


def test_notes_keep_their_ticks_and_the_item_ends_on_the_last_bar_line(project):
    assert "HASDATA 1 480 QN" in project
    events = [(int(ticks), kind) for ticks, kind in re.findall(r"E (\d+) (\w\w) ", project)]
    assert [kind for _, kind in events] == ["90", "80", "90", "80", "b0"]
    assert [ticks for ticks, _ in events][:4] == [0, 120, 840, 120]
    assert sum(ticks for ticks, _ in events) == BARS * 4 * 480


def test_the_readme_says_tempo_key_files_steps_and_licence():
    text = readme_text(BEAT, ["stems/drums.wav", "midi/drums_140bpm_Fmin.mid"], RECIPE)
    for said in ("140 BPM, F minor, 6 bars", "seed 7", "stems/", "midi/", "mit: use and sell", DISCLAIMER):
        assert said in text
    assert "cover: the model has no adapter" in text
    assert "not asked for" not in text
    assert "Cover:" not in text
    assert project_name(BEAT) in text
    steps = text.split("Into your DAW")[1].split("Licence")[0].strip().splitlines()[1:]
    assert [step.split(":")[0].strip() for step in steps] == [
        "FL Studio", "GarageBand", "Ableton Live", "Logic Pro", "Reaper", "Any other",
    ]  # fmt: skip
    assert all(len(line) <= 140 for line in text.splitlines())


def test_the_readme_names_nothing_that_is_not_there():
    text = readme_text(BEAT, [], {**RECIPE, "takes": 1, "missing": []})
    for absent in ("stems/", "midi/", "cover.png", "take2", "could not"):
        assert absent not in text


def test_the_readme_of_a_real_pack_says_what_its_cover_may_be_used_for(tmp_path):
    cover = FakeCover(replace(FAKE_WEIGHTS, licence="openrail++"))
    asked = BeatRequest(style="kid-cudi", bars=1, seed=3, parts=("beat", "cover"))
    pack = make_pack(asked, Engines(FakeEngine(), cover=cover), tmp_path)
    lines = (pack.folder / "README.txt").read_text(encoding="utf-8").splitlines()
    assert lines[-3:-1] == [f"Licence: {plain_licence('mit')}", f"Cover: {plain_licence('openrail++')}"]


def test_where_parts_are_the_beat_they_play_at_their_levels_and_it_is_muted():
    sound = Audio(np.zeros((1, 10)), SAMPLE_RATE)
    files = {"stems/1_drums.wav": b"", "stems/2_808.wav": b""}
    faders = {"stems/1_drums.wav": Fader(level=-6.0206, pan=-0.25), "stems/2_808.wav": Fader()}
    text = reaper_project({BEAT: sound}, files, BPM, BARS, faders).decode()
    tracks = {re.search('NAME "(.*?)"', each).group(1): each for each in text.split("<TRACK")[1:]}
    assert [name for name, each in tracks.items() if "MUTESOLO 1" in each] == [BEAT.removesuffix(".wav")]
    level, pan = re.search("VOLPAN (.*?) (.*?) ", tracks["1_drums"]).groups()
    assert (float(level), float(pan)) == pytest.approx((0.5, -0.25), abs=1e-4)
    assert "VOLPAN" not in tracks[BEAT.removesuffix(".wav")]
