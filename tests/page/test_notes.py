"""Notes on the page: every pitch that the starter is told can be reached, and what is sent is checked."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import own_inputs as own
import pytest
from fakes import FakeEngine

from typebeat.engines.beat.roll import LOWEST, ROWS
from typebeat.midi.notes import DRUM_PITCHES
from typebeat.page.notes import PITCHES, Score, score_html, why_not_played
from typebeat.page.uploads import notes_given
from typebeat.request.options import RequestError


def told(html: str, name: str) -> list[list[list[float]]]:
    return [json.loads(unescape(each)) for each in re.findall(f'data-{name}="([^"]*)"', html)]


def test_a_roll_has_the_pitches_that_the_starter_is_told() -> None:
    assert {part: (low, low + ROWS[part] - 1) for part, low in LOWEST.items()} == PITCHES


def test_a_score_has_a_roll_for_each_part_with_its_notes_and_rows(tmp_path: Path) -> None:
    file = own.midi(tmp_path / "tune.mid", [own.melody(2, pitch=107)])
    html = score_html(Score({"melody": file.read_bytes()}, 92, 1), "")
    assert told(html, "notes") == [[], [], [[0, 1, 107, 90], [1, 1, 110, 90]], []]
    drums, _, melody, _ = told(html, "rows")
    assert [pitch for pitch, _ in drums] == sorted(DRUM_PITCHES.values(), reverse=True)
    assert (melody[0], melody[-1]) == ([110, "D8"], [43, "G2"])
    assert html.count("this part is made anew") == 3


def test_weights_that_play_no_notes_say_so_at_the_button(tmp_path: Path) -> None:
    why = why_not_played(FakeEngine())
    html = score_html(Score({}, 92, 1), why)
    assert 'aria-disabled="true"' in html
    assert "Not with these weights" in html
    assert why_not_played(FakeEngine(takes_notes=True)) == ""


@pytest.mark.parametrize(
    "value", ["lost", "[]", "{}", 5, '{"path": "/etc/passwd", "use": "notes"}', '{"path": 1, "use": "x"}', "[" * 9999]
)
def test_what_is_no_upload_of_notes_is_refused_in_one_line(value: object) -> None:
    with pytest.raises(RequestError, match="these notes did not reach the server"):
        notes_given(value)
