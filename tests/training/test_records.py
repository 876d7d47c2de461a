"""The prepared datasets on disk: what is written is read again, and what is broken is named."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import soundfile

from training.data.records import METADATA, BeatClip, CoverImage, DatasetError, read_split, write_split
from typebeat.request.words import beat_caption

RATE = 16_000


def clip(folder, name, **changes):
    path = folder / "train" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.3 * np.sin(2 * np.pi * 110 * np.arange(RATE * 6) / RATE).astype(np.float32)
    soundfile.write(path, samples, RATE)
    words = "dark bells over a slow 808"
    caption = beat_caption(words, "travis-scott", 140, "F minor")
    made = BeatClip(path, caption, "travis-scott", 140.0, "F minor", words, "night", "Ada", "cc-by-4.0", "https://x/1",
                    0.0, 6.0, 3, -14.0, "00")  # fmt: skip
    return replace(made, **changes)


def test_what_is_written_is_read_again_in_the_order_of_file_names(tmp_path):
    later, first = clip(tmp_path, "b.flac"), clip(tmp_path, "a.flac", caption="größer, 140 bpm")
    write_split(tmp_path, "train", [later, first])
    assert read_split(tmp_path, "train") == (first, later)


def test_a_clip_gives_its_sound_and_rewords_its_caption(tmp_path):
    made = clip(tmp_path, "a.flac")
    assert made.audio().seconds == pytest.approx(6.0)
    reworded = {made.reworded(Random(seed)) for seed in range(20)}
    assert len(reworded) > 10
    assert made.reworded(Random(1)) == made.reworded(Random(1))


def test_a_style_of_ones_own_is_worded(tmp_path):
    assert beat_caption("cowbells", "phonk", 130, "A minor") == "phonk type beat, 130 bpm, A minor, cowbells"


def test_covers_are_read_as_covers(tmp_path):
    path = tmp_path / "train" / "a.png"
    path.parent.mkdir()
    path.write_bytes(b"png")
    cover = CoverImage(path, "album cover", "kid-cudi", "moon", "a", "Ada", "own work", "drawn by code", "00")
    write_split(tmp_path, "train", [cover])
    assert read_split(tmp_path, "train", CoverImage) == (cover,)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "train" / METADATA).unlink(), "is missing; wanted is a folder"),
        (lambda folder: (folder / "train" / METADATA).write_text(""), "the split train of .* is empty"),
        (
            lambda folder: (folder / "train" / METADATA).write_text('{"file_name": "a.flac"}\n'),
            "line 1 of .* is no B",
        ),
        (lambda folder: (folder / "train" / METADATA).write_text("{\n"), "line 1 of"),
        (lambda folder: (folder / "train" / "a.flac").unlink(), "a.flac is missing"),
    ],
)
def test_a_damaged_dataset_is_one_line(tmp_path, damage, told):
    write_split(tmp_path, "train", [clip(tmp_path, "a.flac")])
    damage(tmp_path)
    with pytest.raises(DatasetError, match=told) as raised:
        read_split(tmp_path, "train")
    assert "\n" not in str(raised.value)


def test_a_broken_sound_file_is_one_line(tmp_path):
    made = clip(tmp_path, "a.flac")
    made.path.write_bytes(b"no sound")
    with pytest.raises(DatasetError, match=r"a\.flac cannot be read as sound"):
        made.audio()
