"""The table of what loads is true: each of its formats is built by its maker's library, and plays or is refused so."""

from __future__ import annotations

import json

import pytest

from benchmarks.formats import LARGER, SECRET, build, formats, measure
from benchmarks.report import RESULTS
from benchmarks.tables import BARS
from typebeat.engines.cover import single_file

ROWS = json.loads((RESULTS / "formats.json").read_text(encoding="utf-8"))["formats"]
NAMES = list(formats())
ELSEWHERE = {  # formats of which a test of engines asserts the same, and more
    *("audiocraft", "musicgen-melody", "musicgen-stereo-melody"),  # test_musicgen, test_melody_models
    *("PEFT adapter", "PEFT adapter, rslora and ranks of its own"),  # test_adapters
    *("MusicGen-Stem", "MusicGen-Stem, a part made anew", "MusicGen-Stem without a codec"),  # test_stem_models
    *("transformers", "transformers, stereo", "transformers, melody"),  # test_transformers_format, as what follows
    *("transformers, stereo melody", "transformers, sharded", "transformers, fp16", "transformers, .bin"),
}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ELSEWHERE and not name.endswith(LARGER)])
def test_each_format_plays_as_its_maker_has_it_or_is_refused_truly(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    monkeypatch.setattr("benchmarks.formats._be_quiet", lambda: None)  # it would keep the other tests' libraries quiet
    monkeypatch.setattr(single_file, "fetch", single_file.fetch)  # which is put back afterwards
    row = measure(name, tmp_path / "weights", build(name, tmp_path / "weights"), more=False)
    assert row.get("equal", row.get("refused_truly")) == 1, row
    assert row["plays"] == ROWS[name]["plays"]


def test_the_table_has_every_format_and_no_row_that_is_untrue():
    assert set(NAMES) > ELSEWHERE
    assert list(ROWS) == NAMES
    assert all(row.get("equal", row.get("refused_truly")) == 1 for row in ROWS.values())
    assert {name for name, row in ROWS.items() if "peak_x" in row} == {n for n in NAMES if n.endswith(LARGER)}
    assert all(row.get("fetched_mb", 0) <= 1 for row in ROWS.values())
    assert all(row.get("peak_x", 0) <= float(BARS["formats"]["peak_x"]) for row in ROWS.values())
