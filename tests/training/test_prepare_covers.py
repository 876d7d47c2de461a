"""A folder of pictures becomes a dataset of square covers, captioned as serving asks for them."""

import json

import numpy as np
import pytest
from PIL import Image

from training.data.records import CoverImage, DatasetError, read_split
from training.prepare_covers import CoverOptions, picture_hash, prepare
from typebeat.covers.looks import cover_prompt


def picture(path, seed, size=(200, 160), **told):
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path)
    about = {"licence": "cc0-1.0", "source": "drawn by code", "creator": "Ada", "style": "kid-cudi", "mood": ["dreamy"]}
    path.with_suffix(".json").write_text(json.dumps({**about, **told}))
    return path


def options(source, out, **changes):
    return CoverOptions(**{"source": str(source), "out": out, "validation_share": 1 / 3, **changes})


def test_pictures_become_square_covers_with_the_captions_of_serving(tmp_path):
    picture(tmp_path / "raw" / "a.png", 1, bpm=84, key="C minor")
    picture(tmp_path / "raw" / "b.jpg", 2, creator="Bo")
    made = prepare(options(tmp_path / "raw", tmp_path / "out", side=128), lambda _: None)
    (train,), (validation,) = (read_split(tmp_path / "out", split, CoverImage) for split in ("train", "validation"))
    assert (train.creator, validation.creator) == ("Ada", "Bo")
    assert train.caption == cover_prompt("dreamy", "kid-cudi", 84, "C minor")
    assert Image.open(train.path).size == (128, 128)
    assert made.clips["train"] == [train]
    assert "license: cc0-1.0" in (tmp_path / "out" / "README.md").read_text()


def test_rights_broken_files_small_ones_and_duplicates_are_named(tmp_path):
    raw = tmp_path / "raw"
    picture(raw / "a.png", 1)
    picture(raw / "b.png", 2, creator="Bo")
    picture(raw / "c.png", 3, licence="unknown")
    picture(raw / "d.png", 4).write_bytes(b"no picture")
    picture(raw / "e.png", 5, size=(64, 64))
    picture(raw / "f.jpg", 1, size=(420, 336))
    picture(raw / "g.png", 6, style="")
    made = prepare(options(raw, tmp_path / "out"), lambda _: None)
    assert made.refused == {"c.png": "its licence is 'unknown', which allows nothing"}
    assert made.duplicates == {"f.jpg": "nearly the same picture as a.png"}
    assert made.broken == {
        "d.png": "it cannot be read as a picture",
        "e.png": "it has 64 x 64 pixels; 128 at least are wanted",
        "g.png": "neither its sidecar nor its name tells a style; give one, or --style for all",
    }


def test_other_pictures_have_other_hashes(tmp_path):
    hashes = [picture_hash(Image.open(picture(tmp_path / f"{seed}.png", seed))) for seed in range(8)]
    apart = [np.count_nonzero(hashes[i] != hashes[j]) for i in range(8) for j in range(i)]
    assert min(apart) > 12


@pytest.mark.parametrize(("count", "told"), [(0, "holds no file that ends in .png"), (1, "there is one usable track")])
def test_too_little_is_one_line(tmp_path, count, told):
    (tmp_path / "raw").mkdir()
    for number in range(count):
        picture(tmp_path / "raw" / f"{number}.png", number)
    with pytest.raises(DatasetError, match=told):
        prepare(options(tmp_path / "raw", tmp_path / "out"), lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]
