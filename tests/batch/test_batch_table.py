"""Tables of requests: what is read, and every wrong row told before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from typebeat.batch.table import MOST_ROWS, digest, read_table
from typebeat.request.options import RequestError


def table(folder: Path, text: str, name: str = "requests.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_csv_and_the_same_as_json_lines_ask_for_the_same_beats(tmp_path):
    rows = read_table(table(tmp_path, "id,prompt,style,bpm\na,dark bells,travis-scott,140\nb,warm keys,,\n"))
    lines = (
        '{"id": "a", "prompt": "dark bells", "style": "travis-scott", "bpm": 140}\n{"id": "b", "prompt": "warm keys"}\n'
    )
    same = read_table(table(tmp_path, lines, "requests.jsonl"))
    assert [row.request for row in rows] == [row.request for row in same]
    assert (rows[0].number, rows[0].id, rows[0].request.bpm) == (1, "a", 140.0)


def test_a_byte_order_mark_semicolons_and_a_quoted_line_break_are_read_as_spreadsheets_write_them(tmp_path):
    rows = read_table(table(tmp_path, '\ufeffPrompt;BPM\n"dark; slow\nbells";98.5\n'))
    request = rows[0].request
    assert (request.prompt, request.bpm, rows[0].id) == ("dark; slow bells", 98.5, "1")


def test_seeds_come_from_ids_so_that_the_same_table_asks_for_the_same_beats(tmp_path):
    first, again = (read_table(table(tmp_path, "id,prompt,seed\nx,bells,\ny,bells,7\n")) for _ in range(2))
    assert first[0].request.seed == again[0].request.seed != first[1].request.seed == 7
    assert digest(first) == digest(again) != digest(first[:1])


def test_every_wrong_row_is_told_at_once(tmp_path):
    with pytest.raises(RequestError) as refused:
        read_table(table(tmp_path, "id,prompt,bpm\na,bells,999\nb,keys,140\nb,pads,\n../x,bells,\n"))
    told = str(refused.value)
    assert "row 1: bpm must be a number from 70 to 170, not '999'" in told
    assert "row 3: row 2 has the id b already" in told
    assert "row 4: '../x' is no id" in told
    assert "row 2:" not in told


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("prompt,bmp\nbells,140\n", "requests.csv", "there is no option 'bmp'"),
        ("prompt\n", "requests.csv", "holds no rows"),
        ("", "requests.csv", "holds no rows"),
        ("prompt,bpm\nbells,140,F minor\n", "requests.csv", "more values than the heading"),
        ("prompt,prompt\na,b\n", "requests.csv", "the same name"),
        ("prompt,seed\nbells,7\nbells,7\n", "requests.csv", "row 1 has the same beat already"),
        ("[1]\n", "requests.jsonl", "line 1 is no JSON object"),
        ('{"prompt": "bells"\n', "requests.jsonl", "line 1 is no JSON"),
        ('prompt\n"bells\n', "requests.csv", "line 2 is no CSV"),
        ("prompt\nbells\n", "requests.xlsx", "is no table: give .csv"),
        ("no parquet", "requests.parquet", "arquet"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, text, name, says):
    with pytest.raises(RequestError, match=says) as refused:
        read_table(table(tmp_path, text, name))
    assert "\n" not in str(refused.value)


def test_a_table_that_is_missing_too_long_or_not_text_is_refused(tmp_path):
    with pytest.raises(RequestError, match="there is no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"prompt\n\xff\xfe\n")
    with pytest.raises(RequestError, match="not UTF-8"):
        read_table(tmp_path / "bytes.csv")
    long = "prompt,bpm\n" + "bells,1\n" * (MOST_ROWS + 1)
    with pytest.raises(RequestError, match=f"more than {MOST_ROWS:,} rows"):
        read_table(table(tmp_path, long))
