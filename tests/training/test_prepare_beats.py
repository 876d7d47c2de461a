"""A folder of beats becomes a dataset: rights, duplicates, chunks, splits; what is wrong is named and counted."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from beat_folder import tone, write_beat, write_beats

from training.data.chunks import Chunk, cut_points, gain_to_level
from training.data.fingerprints import match, pcm_sha256, sound_fingerprint
from training.data.records import METADATA, DatasetError, read_split
from training.data.splits import split_of
from training.data.tracks import find_tracks, style_slug
from training.hub.folders import FACTS, push_folder, source_folder
from training.prepare_beats import PrepareOptions, prepare, written
from training.starter.simple_corpus.beats import make_beat
from typebeat.hearing.grid import Grid
from typebeat.request.words import beat_caption
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs

A_THIRD = 1 / 3


@pytest.fixture(scope="module")
def beats(tmp_path_factory):
    return write_beats(tmp_path_factory.mktemp("raw") / "beats")


def options(source, out, **changes):
    return PrepareOptions(**{"source": str(source), "out": out, "validation_share": A_THIRD, **changes})


@pytest.fixture(scope="module")
def prepared(beats, tmp_path_factory):
    said = []
    return prepare(options(beats, tmp_path_factory.mktemp("made") / "set"), said.append), said


def refusal(*args, **kwargs):
    said = []
    with pytest.raises(DatasetError) as raised:
        prepare(options(*args, **kwargs), said.append)
    assert "\n" not in str(raised.value)
    return str(raised.value), said


def test_a_folder_becomes_clips_whose_captions_are_those_of_serving(prepared):
    made, _ = prepared
    train, validation = read_split(made.folder, "train"), read_split(made.folder, "validation")
    assert {clip.creator for clip in validation} == {"Bo"}
    assert {clip.creator for clip in train} == {"Ada", "Cy", "Di"}
    for clip in (*train, *validation):
        assert clip.caption == beat_caption("dark, eerie, bells", clip.style, clip.bpm, clip.key)
        assert clip.bars == 4
        assert clip.seconds == pytest.approx(4 * 240 / clip.bpm, abs=0.03)
        assert clip.audio().seconds == pytest.approx(clip.seconds, abs=1e-3)
        assert loudness_lufs(clip.audio()) == pytest.approx(clip.lufs, abs=0.1)


def test_no_track_and_no_creator_is_in_two_splits(prepared):
    train, validation = prepared[0].clips["train"], prepared[0].clips["validation"]
    for name in ("track_id", "creator", "sha256"):
        assert not {getattr(clip, name) for clip in train} & {getattr(clip, name) for clip in validation}


def test_a_track_stays_in_its_split_when_others_come():
    before = {name: split_of(name, 0.1) for name in map(str, range(1000))}
    assert 70 < sum(split == "validation" for split in before.values()) < 130
    assert split_of("Bo", A_THIRD) == "validation"
    assert all(split_of(name, 0.2) == "validation" for name, split in before.items() if split == "validation")


def test_the_dataset_has_a_card_with_rights_and_plots(prepared):
    folder = prepared[0].folder
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    assert "| beat1 | Bo | cc-by-4.0 | https://example.com/1 |" in card
    assert "## Split" in card
    assert (folder / "plots.png").stat().st_size > 10_000
    facts = json.loads((folder / FACTS).read_text())
    assert facts["tracks"] == 4
    assert facts["licences"] == {"cc-by-4.0": 4}


def test_the_hub_understands_the_card_and_a_dataset_on_it_is_prepared_again(prepared, hub, tmp_path):
    pushed = push_folder(prepared[0].folder, "me/beats", "v1", "dataset")
    again = prepare(options(pushed.name, tmp_path / "again"), lambda _: None)
    assert again.broken == {}
    assert {clip.track_id for clip in again.clips["train"]} == {clip.track_id for clip in prepared[0].clips["train"]}


def test_without_rights_nothing_is_learnt_from_and_each_is_named(tmp_path):
    write_beats(tmp_path / "raw", 3)
    write_beat(tmp_path / "raw", 10, "Ed", licence=None)
    write_beat(tmp_path / "raw", 11, "Ed", source=None)
    write_beat(tmp_path / "raw", 12, "Ed", licence="All rights reserved")
    said = []
    made = prepare(options(tmp_path / "raw", tmp_path / "out"), said.append)
    assert made.refused == {
        "beat10.wav": "no licence is told for it",
        "beat11.wav": "no source is told for it",
        "beat12.wav": "its licence is 'All rights reserved', which allows nothing",
    }
    assert "refused: beat10.wav: no licence is told for it" in said
    assert "3 refused, 0 skipped" in said[-1]
    assert "beat12.wav: its licence" in (tmp_path / "out" / "README.md").read_text()


def test_what_is_broken_is_named_skipped_and_counted(tmp_path):
    raw = write_beats(tmp_path / "raw", 3)
    for name, content in (("torn.wav", b"RIFF0000WAVE"), ("empty.flac", b""), ("words.mp3", b"no sound at all")):
        (raw / name).write_bytes(content)
        (raw / name).with_suffix(".json").write_text(
            '{"licence": "mit", "source": "x", "style": "kid-cudi", "bpm": 90}'
        )
    (raw / "odd.wav").write_bytes((raw / "beat0.wav").read_bytes())
    (raw / "odd.json").write_text("{")
    said = []
    made = prepare(options(raw, tmp_path / "out"), said.append)
    assert set(made.broken) == {"torn.wav", "empty.flac", "words.mp3"}
    assert made.refused == {"odd.wav": "its sidecar odd.json is no JSON"}
    assert "1 refused, 3 skipped" in said[-1]
    assert all("\n" not in line for line in said[:-1])


def test_the_same_recording_is_kept_once_in_any_clothing(tmp_path):
    raw = write_beats(tmp_path / "raw", 3)
    sound, rate = soundfile.read(raw / "beat0.wav", dtype="float32")
    side = (raw / "beat0.json").read_text()
    for name, content in (("copy.flac", sound), ("louder.mp3", sound * 0.4), ("cut.ogg", sound[rate // 2 :])):
        soundfile.write(raw / name, content, rate)
        (raw / name).with_suffix(".json").write_text(side)
    made = prepare(options(raw, tmp_path / "out"), lambda _: None)
    assert made.duplicates == {
        "copy.flac": "the same samples as beat0.wav",
        "louder.mp3": "nearly the same sound as beat0.wav",
        "cut.ogg": "nearly the same sound as beat0.wav",
    }


def test_other_beats_are_no_duplicates_and_a_shift_is_heard():
    sounds = [make_beat(seed, 4, "travis-scott", 140) for seed in (20, 21, 22)]
    prints = [sound_fingerprint(Audio(beat.mix, beat.sample_rate)) for beat in sounds]
    assert not any(match(prints[i], prints[j]).is_same for i, j in ((0, 1), (0, 2), (1, 2)))
    late = sound_fingerprint(Audio(sounds[0].mix[32_000:], 32_000))
    assert match(prints[0], late).shift_seconds == pytest.approx(1.0, abs=0.05)
    assert pcm_sha256(Audio(sounds[0].mix, 32_000)) != pcm_sha256(Audio(sounds[0].mix, 44_100))


def test_clips_of_exactly_thirty_seconds_are_kept_whole(tmp_path):
    raw = tmp_path / "raw"
    for number, creator in enumerate(("Ada", "Bo")):
        path = raw / f"{number}.wav"
        raw.mkdir(exist_ok=True)
        soundfile.write(path, make_beat(number, 10, "kid-cudi", 80).mix, 32_000)
        about = {
            "creator": creator,
            "licence": "mit",
            "source": "code",
            "style": "kid-cudi",
            "bpm": 80,
            "key": "A minor",
        }
        path.with_suffix(".json").write_text(json.dumps(about))
    made = prepare(options(raw, tmp_path / "out"), lambda _: None)
    assert [clip.seconds for clips in made.clips.values() for clip in clips] == [30.0, 30.0]


@pytest.mark.parametrize(
    ("seconds", "grid", "chunks"),
    [
        (30.0, Grid(120, 0.0, 15), [Chunk(0.0, 30.0, 15)]),
        (4.9, Grid(120, 0.0, 2), []),
        (5.0, None, [Chunk(0.0, 5.0, 0)]),
        (64.0, None, [Chunk(0.0, 30.0, 0), Chunk(30.0, 30.0, 0)]),
        (51.0, Grid(120, 1.0, 25), [Chunk(1.0, 24.0, 12), Chunk(25.0, 24.0, 12)]),
        (31.0, Grid(120, 1.0, 15), [Chunk(1.0, 30.0, 15)]),
    ],
)
def test_beats_are_cut_at_their_bars(seconds, grid, chunks):
    assert list(cut_points(seconds, grid)) == chunks


def test_silent_stretches_are_left_out(tmp_path):
    raw = write_beats(tmp_path / "raw", 2)
    beat, rate = soundfile.read(raw / "beat0.wav", dtype="float32")
    soundfile.write(raw / "beat0.wav", np.concatenate([beat, np.zeros(rate * 80, np.float32), beat]), rate)
    made = prepare(options(raw, tmp_path / "out"), lambda _: None)
    assert made.silent >= 1
    assert min(np.abs(clip.audio().samples).max() for clip in made.clips["train"]) > 0.1


def test_nothing_is_limited_only_amplified():
    loud = Audio(np.sign(np.sin(np.arange(32_000 * 6) / 30)).astype(np.float32) * 0.9, 32_000)
    assert np.abs(loud.samples * gain_to_level(loud)).max() <= 0.9
    quiet = Audio(0.01 * np.sin(np.arange(32_000 * 6) / 30).astype(np.float32), 32_000)
    assert loudness_lufs(Audio(quiet.samples * gain_to_level(quiet), 32_000)) == pytest.approx(-14.0, abs=0.1)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "holds no file that ends in .wav"),
        (1, "there is one usable track; two at least are needed"),
        (3, "all 3 tracks of 3 creators fall into train; add tracks, split by track"),
    ],
)
def test_too_little_is_one_line_and_leaves_nothing(tmp_path, count, told):
    (tmp_path / "raw").mkdir()
    write_beats(tmp_path / "raw", count)
    message, _ = refusal(tmp_path / "raw", tmp_path / "out", validation_share=0.05)
    assert told in message
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_no_folder_is_one_line(tmp_path):
    assert "there is no folder" in refusal(tmp_path / "absent", tmp_path / "out")[0]


def test_without_words_captions_tell_style_tempo_and_key_and_that_is_said(tmp_path):
    for seed, creator in ((0, "Ada"), (1, "Bo")):
        write_beat(tmp_path / "raw", seed, creator, mood=None, instruments=None)
    made = prepare(options(tmp_path / "raw", tmp_path / "out"), lambda _: None)
    assert "2 of 2 clips have no words for mood and instruments" in " ".join(made.notes)
    assert all(clip.caption.count(",") == 2 for clip in made.clips["train"])


def test_a_track_without_a_style_is_named(tmp_path):
    write_beats(tmp_path / "raw", 2)
    write_beat(tmp_path / "raw", 9, "Cy", style=None)
    made = prepare(options(tmp_path / "raw", tmp_path / "out"), lambda _: None)
    assert made.broken == {"beat9.wav": "neither its sidecar nor its name tells a style; give one, or --style for all"}


def test_the_name_of_a_file_and_tables_tell_what_no_sidecar_tells(tmp_path):
    tone(tmp_path / "a" / "Travis Scott type beat - Night 140 bpm F# minor.wav", 6.0)
    tone(tmp_path / "a" / "other.wav", 6.0)
    (tmp_path / "metadata.csv").write_text(
        "file_name,license,url,artist\n"
        "a/Travis Scott type beat - Night 140 bpm F# minor.wav,cc0-1.0,https://x/1,Ada\n"
        "a/other.wav,cc0-1.0,https://x/2,Bo\n"
    )
    (tmp_path / "a" / "metadata.jsonl").write_text(
        '{"file_name": "other.wav", "licence": "mit", "style": "My Phonk"}\n'
    )
    named, other = find_tracks(tmp_path).tracks
    assert (named.style, named.bpm, named.key, named.creator) == ("travis-scott", 140.0, "F# minor", "Ada")
    assert (other.licence, other.source, other.style) == ("mit", "https://x/2", "my-phonk")


def test_styles_and_tempi_are_written_as_people_write_them():
    assert [style_slug(text) for text in ("Kid Cudi", "kid-cudi", "Cudi type beat", "Drill UK")] == [
        *("kid-cudi", "kid-cudi", "kid-cudi", "drill-uk")
    ]
    assert [written(bpm) for bpm in (139.96, 92.53, 87.3)] == [140.0, 92.5, 87.3]


def test_a_full_disk_leaves_the_last_dataset_as_it_was(beats, tmp_path, monkeypatch):
    prepare(options(beats, tmp_path / "out"), lambda _: None)
    before = (tmp_path / "out" / "train" / METADATA).read_text()

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(OSError, match="No space left"):
        prepare(options(beats, tmp_path / "out"), lambda _: None)
    assert (tmp_path / "out" / "train" / METADATA).read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_this_machine_is_not_looked_for_on_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(write_beats(tmp_path / "raw", 1), tmp_path / "me" / "beats")
    assert source_folder("me/beats") == (Path("me/beats"), "")
