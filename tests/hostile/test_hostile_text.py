"""What somebody typed, or named a file, is text wherever it is shown: on the page, in README.txt, in projects."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from fakes import FakeCover, FakeEngine, PartsEngine
from hypothesis import given
from hypothesis import strategies as st
from limits import within
from raw_midi import raw_midi

from typebeat.engines import Engines
from typebeat.page import html
from typebeat.page.anew import told_of_kept
from typebeat.page.heard import heard_line
from typebeat.page.mixer import mixer
from typebeat.page.own import heard_html
from typebeat.page.results import board, hero
from typebeat.page.uploads import uploaded_file
from typebeat.parts.again import tokens_text
from typebeat.parts.dawproject import dawproject_bytes
from typebeat.parts.own.reading import bring
from typebeat.parts.own.settling import settled_by
from typebeat.parts.pack import BeatPack
from typebeat.pipeline import make_pack
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve
from typebeat.request.understanding import preview
from typebeat.serving.jobs import JobRunner

SCRIPT = "</p></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' onclick='alert(1)"
FILE = "<img src=x onerror=alert(1)>\r\nLicence: none\x1b[2J\u202e.flac"
LOOP = Path(__file__).parents[1] / "cases" / "cc0_loop_perc2.flac"


class _Tags(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def assert_harmless(page: str) -> None:
    """No script, no handler, and no picture or link that what was typed brought along."""
    told = _Tags(page)
    assert not told.tags & {"script", "iframe", "object", "embed", "base", "form", "meta"}
    assert not [name for name, _ in told.attributes if name.startswith("on")]
    urls = [value for name, value in told.attributes if name in ("src", "href", "data-src")]
    assert all(url.startswith(("gradio_api/file=", "?", "#", "data:image/")) for url in urls)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> BeatPack:
    """A beat around a sample with a hostile name, with hostile words and title."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / FILE).write_bytes(LOOP.read_bytes())
    reference = bring(folder / FILE, ReferenceOptions(reference_bpm=100))
    wish = {"prompt": SCRIPT, "title": SCRIPT[:80], "style": "kid-cudi", "seed": 7, "bars": 2, "drafts": 1}
    request = resolve(settled_by(reference, BeatRequest(**wish, parts="beat,stems,cover"), list(wish)), list(wish))
    return make_pack(request, Engines(PartsEngine(), cover=FakeCover()), folder / "out", reference=reference)


def test_the_page_shows_words_titles_and_names_as_text(pack: BeatPack) -> None:
    for shown in (
        *(hero(pack), board(pack), mixer(pack, ""), mixer(pack, SCRIPT)),
        *(html.trouble(SCRIPT, SCRIPT), html.field_error(SCRIPT), html.masthead([SCRIPT])),
        heard_line(preview(BeatRequest(prompt=f"{SCRIPT} 140 bpm, no {SCRIPT}"))),
    ):
        assert_harmless(shown)


def test_what_was_heard_of_an_upload_is_text(tmp_path: Path) -> None:
    track = b"\x00\xff\x03" + bytes([len(SCRIPT)]) + SCRIPT.encode() + b"\x00\x90\x3c\x40\x60\x80\x3c\x40"
    (tmp_path / "a.mid").write_bytes(raw_midi(track, kind=1, division=96))
    reference = bring(tmp_path / "a.mid", ReferenceOptions())
    assert "alert" in " ".join(reference.lines)
    assert_harmless(heard_html(reference, FakeEngine(takes_notes=True)))


def test_a_strangers_recipe_is_shown_as_text() -> None:
    recipe = {
        "prompt": "a", "style": "kid-cudi", "bpm": 84, "key": "D minor", "bars": 1, "seed": 3, "again": ["melody"],
        "weights": {"beat": {"name": SCRIPT, "revision": "1"}}, "versions": {"typebeat": "0.1"},
        "tokens": tokens_text(np.zeros((4, 20), np.int16)), "fit": {"speed": 1.0, "moved": 0.0},
    }  # fmt: skip
    for parents in ([SCRIPT], [3], {"a": 1}, SCRIPT):
        shown = told_of_kept({"again": [SCRIPT]}, json.dumps(recipe | {"parents": parents}))
        assert_harmless(shown)


def test_no_line_of_the_readme_and_of_projects_is_what_a_name_or_a_title_says(pack: BeatPack) -> None:
    for name in ("README.txt", ".rpp"):
        (file,) = [path for path in pack.files if path.name.endswith(name)]
        text = file.read_bytes().decode()
        assert not [letter for letter in text.replace("\r\n", "") if not letter.isprintable()]
        assert not [line for line in text.splitlines() if line.startswith("Licence: none")]
    (project,) = [path for path in pack.files if path.suffix == ".dawproject"]
    with zipfile.ZipFile(project) as packed:
        assert all(not name.startswith("/") and ".." not in name for name in packed.namelist())
        for name in ("project.xml", "metadata.xml"):
            root = ElementTree.fromstring(packed.read(name))
            assert "script" not in {each.tag for each in root.iter()}


def test_names_inside_the_pack_and_its_zip_come_from_no_words(pack: BeatPack) -> None:
    with zipfile.ZipFile(pack.zip) as packed:
        names = [*packed.namelist(), pack.folder.name]
    assert all(name.isprintable() and ".." not in name and not name.startswith("/") for name in names)
    assert not [name for name in names if "script" in name or "onerror" in name or "<" in name]
    assert soundfile.info(pack.takes[0]).frames > 0


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_title_and_licence_make_xml_that_can_be_read(title: str, licence: str) -> None:
    with within(5):
        made = dawproject_bytes([], bpm=100, bars=1, key="A minor", title=title, licence=licence, comment=title)
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        ElementTree.fromstring(packed.read("metadata.xml"))


NAMES = [
    "../../etc", "/etc", "/etc/passwd", "..", ".", "", "a", "a/b/c", "../{own}/pack", "{own}/../{own}/pack/..", "{own}",
    "{own}/link", "\0", "a" * 5000, "{own}/pack/../../../etc", "~root/x", "C:\\x\\y", "file:///etc/passwd",
]  # fmt: skip


def test_no_name_of_a_beat_leads_out_of_the_packs(tmp_path: Path) -> None:
    runner = JobRunner(Engines(FakeEngine()))
    try:
        own = runner.folders / "own"
        own.mkdir()
        request = BeatRequest(style="kid-cudi", bpm=105, key="A minor", bars=1, seed=3, parts="beat")
        outside, inside = (make_pack(request, runner.engines, folder) for folder in (tmp_path, own))
        (own / "link").symlink_to(outside.folder, target_is_directory=True)
        for name in (*NAMES, str(outside.folder)):
            assert runner.pack(name.format(own="own")) is None, name
        found = runner.pack(f"own/{inside.folder.name}")
        assert found
        assert found.folder == inside.folder
    finally:
        runner.close()


@pytest.mark.parametrize("name", [*NAMES, "link", 7, None, ["/etc/passwd"], [{"path": "/etc/passwd"}, {}]],
                         ids=lambda name: repr(name)[:20])  # fmt: skip
def test_no_name_of_an_upload_leads_out_of_the_uploads(
    name: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()
    (tmp_path / "secret.wav").write_text("secret")
    (tmp_path / "uploads" / "link").symlink_to(tmp_path / "secret.wav")
    base = tmp_path / "uploads"
    for path in (name, f"{base}/{name}", f"{base}/../secret.wav"):
        with pytest.raises(RequestError):
            uploaded_file({"path": path})
