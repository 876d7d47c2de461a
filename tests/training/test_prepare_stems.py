"""Stems beside the clips of a dataset: given or split, as long and as loud as in their clip; what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from beat_folder import write_beat

from training import prepare_beats
from training.data.records import DatasetError, read_split
from training.data.stems import STEMS, read_stems, stems_of
from training.data.tracks import find_tracks
from training.prepare_beats import PrepareOptions, prepare
from training.starter.simple_corpus.beats import make_beat
from typebeat.sound.audio import Audio, resample

CREATORS = ("Ada", "Bo")  # by the hash of their names, Bo is for validation at a share of a third
BARS = 4


def give_stems(path: Path, seed: int, **more: np.ndarray) -> Path:
    """Writes the stems of a corpus beat beside it."""
    beat = make_beat(seed, BARS)
    folder = path.with_suffix(".stems")
    folder.mkdir()
    for name, sound in {**beat.stems, **more}.items():
        soundfile.write(folder / f"{name}.wav", sound, beat.sample_rate, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for seed, creator in enumerate(CREATORS):
        vocals = np.random.default_rng(seed).standard_normal(16_000)  # left out, so its length does not matter
        give_stems(write_beat(folder, seed, creator, bars=BARS), seed, vocals=vocals)
    return folder


@pytest.fixture(scope="module")
def prepared(raw, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "set"
    return prepare(PrepareOptions(source=str(raw), out=out, validation_share=1 / 3, stems=True), lambda _: None)


def test_stems_that_are_given_are_no_tracks_of_their_own(raw):
    gate = find_tracks(raw)
    assert [track.path.name for track in gate.tracks] == ["beat0.wav", "beat1.wav"]
    assert not gate.refused


def test_given_stems_are_cut_and_levelled_as_their_clip_and_sum_to_it(prepared):
    for seed, split in enumerate(("train", "validation")):
        (clip,) = read_split(prepared.folder, split)
        stems = read_stems(clip)
        mix = clip.audio()
        assert stems.samples.shape == (3, mix.length)
        np.testing.assert_allclose(stems.samples.sum(axis=0), mix.samples.mean(axis=0), atol=1e-3)
        beat = make_beat(seed, BARS)
        given = {"bass": beat.stems["808"], "drums": beat.stems["drums"]}
        given["other"] = beat.stems["chords"] + beat.stems["melody"]
        first = round(clip.start_s * beat.sample_rate)
        for name, sound in zip(STEMS, stems.samples, strict=True):
            true = given[name][first : first + len(sound)]
            assert np.corrcoef(true, sound[: len(true)])[0, 1] > 0.999


def test_a_dataset_with_stems_is_an_audiofolder_as_before(prepared):
    assert {path.name for path in prepared.folder.iterdir() if path.is_dir()} == {"train", "validation", "stems"}
    assert len(list((prepared.folder / "train").glob("*.flac"))) == len(read_split(prepared.folder, "train"))


def test_without_given_stems_the_beat_is_split(tmp_path, monkeypatch):
    import torch
    from demucs.htdemucs import HTDemucs

    from typebeat.engines.stems import DemucsSplitter

    torch.manual_seed(0)
    options = {"channels": 8, "t_layers": 1, "t_heads": 2, "depth": 4, "bottom_channels": 8, "segment": 2}
    splitter = DemucsSplitter(HTDemucs(["drums", "bass", "other", "vocals"], **options), "cpu", "tiny")
    audio = resample(Audio(make_beat(0, 1).mix[None], 44_100), 22_050)
    stems = stems_of(tmp_path / "beat.wav", audio, splitter)
    assert stems.samples.shape == (3, audio.length)
    np.testing.assert_allclose(stems.samples.sum(axis=0), audio.samples[0], atol=1e-4)
    assert all(np.abs(stem).max() > 1e-6 for stem in stems.samples)


def test_without_stems_and_without_demucs_every_track_is_skipped_with_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_beats, "_splitter", lambda notes: None)
    for seed, creator in enumerate(CREATORS):
        write_beat(tmp_path / "raw", seed, creator, bars=2)
    said: list[str] = []
    options = PrepareOptions(source=str(tmp_path / "raw"), out=tmp_path / "out", stems=True)
    with pytest.raises(DatasetError, match="none of the 2 files"):
        prepare(options, said.append)
    assert "skipped: beat0.wav: it has no stems: give them in beat0.stems/, or get Demucs' weights" in said[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("stems", "line"),
    [
        (
            {"drums": 2.0, "bass": 2.0, "keys": 1.5},
            "differ in length from its 2.00 s: bass.wav 2.00 s, drums.wav 2.00 s, keys.wav 1.50 s",
        ),
        ({"drums": 2.0, "keys": 2.0}, "holds no bass; a silent file"),
        ({}, "holds no drums and no bass"),
    ],
)
def test_given_stems_that_do_not_fit_are_told_in_one_line(tmp_path, stems, line):
    folder = tmp_path / "night.stems"
    folder.mkdir()
    for name, seconds in stems.items():
        soundfile.write(folder / f"{name}.wav", 0.1 * np.ones(round(16_000 * seconds)), 16_000)
    with pytest.raises(DatasetError, match=line) as raised:
        stems_of(tmp_path / "night.wav", Audio(np.ones((1, 32_000)), 16_000), None)
    assert "\n" not in str(raised.value)


def test_a_clip_without_stems_or_with_broken_ones_is_told(prepared, tmp_path):
    (clip,) = read_split(prepared.folder, "train")
    from dataclasses import replace

    with pytest.raises(DatasetError, match="has no stems; a model of stems learns from what prepare_beats --stems"):
        read_stems(replace(clip, path=tmp_path / "train" / "other.flac"))
    (tmp_path / "stems" / "train").mkdir(parents=True)
    (tmp_path / "stems" / "train" / "other.flac").write_bytes(b"no sound")
    with pytest.raises(DatasetError, match="cannot be read as sound"):
        read_stems(replace(clip, path=tmp_path / "train" / "other.flac"))
