"""`/make` around your own sound: an uploaded file or chords as text, and what it refuses."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import PartsEngine
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from page_server import serve

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
LOOP = Path(__file__).parents[2] / "docs" / "samples" / "loop.ogg"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serve(PartsEngine(takes_notes=True)) as address:
        yield Client(address, verbose=False, download_files=tmp_path_factory.mktemp("got"))


def test_drums_and_an_808_are_made_for_an_uploaded_loop(client: Client) -> None:
    wish = {"prompt": "drums and an 808", "parts": ["beat", "stems"], "seed": 7, "bars": 4}
    _, recipe, pack = client.predict(reference=handle_file(LOOP), api_name="/make", **wish)
    assert (recipe["bpm"], recipe["key"], recipe["bars"]) == (120, "F minor", 4)
    assert recipe["reference"]["name"] == "loop.ogg"
    stems = sorted(Path(name).name for name in zipfile.ZipFile(pack).namelist() if "/stems/" in name)
    assert stems == ["1_drums_120bpm.wav", "2_808_120bpm.wav", "3_sample_120bpm.wav"]


def test_chords_as_text_need_no_words(client: Client) -> None:
    _, recipe, _ = client.predict(reference="Am F C G", parts=["beat"], bpm=120, bars=1, api_name="/make")
    assert (recipe["key"], recipe["reference"]["use"]) == ("A minor", "notes")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"reference": "/etc/passwd"}, "reference: '/etc/passwd' is no chord"),
        ({"reference": "H"}, "the German H is written B"),
        ({"reference": {"path": "/etc/passwd"}}, "reference: this is no uploaded file"),
        ({"reference": "Am", "use": "sample"}, "use: chords as text cannot be used as sample"),
        ({"transpose": 3}, "reference: transpose says how a reference is used"),
        ({"reference": "Am", "with_parts": ["bells"]}, "with_parts: part 'bells' is unknown"),
        ({"reference": "Am", "reference_shift": 99}, "reference-shift must be a whole number from -16 to 16"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(client: Client, options: dict[str, Any], line: str) -> None:
    with pytest.raises((AppError, ValueError)) as refused:
        client.predict(prompt="dark", api_name="/make", **options)
    told = str(refused.value)
    assert line in told
    assert "\n" not in told
    assert "root:" not in told


def test_what_was_heard_and_what_would_be_made_is_told_before_anything_is_made(client: Client) -> None:
    told = client.predict("dark", reference=handle_file(LOOP), bpm=126, api_name="/understand")
    about = told["reference"]
    assert (told["bpm"], about["bpm"], about["bars"]) == (126, 120, 4)
    assert about["settles"] == {"key": "F minor"}
    assert about["would_make"][0] == "your sound 2 times, with new drums and 808"
    assert about["would_make"][1] == "your sound 5 % faster, at its own pitch"
    assert about["refused"] == ""
    chords = client.predict(reference="Am F C G", api_name="/understand")["reference"]
    assert "chords would play your notes; drums, 808 and melody would be made around them" in chords["would_make"]
    with pytest.raises(AppError, match="too far from 170"):
        client.predict("dark", reference=handle_file(LOOP), reference_bpm=40, bpm=170, api_name="/understand")


def test_drums_are_made_anew_beside_the_same_sample(client: Client) -> None:
    wish = {"parts": ["beat", "stems"], "seed": 7, "bars": 4}
    _, recipe, _ = client.predict(reference=handle_file(LOOP), api_name="/make", **wish)
    _, now, _ = client.predict(of=recipe, reference=handle_file(LOOP), again=["drums"], seed=8, api_name="/make")
    before, after = recipe["stems"]["dry_sha256"], now["stems"]["dry_sha256"]
    assert [name for name in before if before[name] != after[name]] == ["drums"]
    with pytest.raises(AppError, match="bring the same file as reference again"):
        client.predict(of=recipe, again=["drums"], api_name="/make")
    bare = {name: value for name, value in recipe.items() if name != "reference"}
    with pytest.raises(AppError, match="not of both"):
        client.predict(of=bare, reference=handle_file(LOOP), again=["drums"], api_name="/make")
