"""Files and folders are written whole or not at all."""

from __future__ import annotations

import pytest

from typebeat.parts.writing import whole


def test_a_folder_takes_the_place_of_another(tmp_path):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "old").touch()
    with whole(tmp_path / "packs") as part:
        part.mkdir()
        (part / "new").touch()
        assert (tmp_path / "packs" / "old").exists()
    assert [path.name for path in (tmp_path / "packs").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["packs"]


@pytest.mark.parametrize("make", ["mkdir", "touch"])
def test_what_fails_leaves_nothing_and_keeps_what_was_there(tmp_path, make):
    (tmp_path / "held").write_text("as it was")

    def fail() -> None:
        with whole(tmp_path / "held") as part:
            getattr(part, make)()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["held"]
    assert (tmp_path / "held").read_text() == "as it was"
