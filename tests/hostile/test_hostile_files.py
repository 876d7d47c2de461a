"""Files that promise more than they hold, or far more than anybody has: refused at once, in little memory."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from limits import in_megabytes, within
from raw_midi import raw_midi

from typebeat.engines import WeightsError
from typebeat.engines.foreign import read_header
from typebeat.engines.plain_config import ConfigError, parse
from typebeat.midi import strict_bytes
from typebeat.midi.reader import parse_midi
from typebeat.page.links import options_of_text
from typebeat.parts.recipes import MOST_MEMBERS, read_recipe, recipe_of_text
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.sound.files import read_audio

NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x40"
BIG = "9" * 4000  # digits; Python reads no longer number from text


@pytest.mark.parametrize(
    ("track", "told"),
    [
        (b"\x00\xff\x59\x02\x20\x05" + NOTE, "damaged"),  # a key of 32 sharps
        (b"\xff" * 900_000 + b"\x7f" + NOTE[1:], "damaged"),  # a number of 900,000 bytes
        (b"\x00\xff\x01" + b"\xff" * 900_000 + b"\x7f" + NOTE, "damaged"),
        (b"\x00\x80\x3c\x40", "no notes"),  # an end without a beginning
    ],
    ids=["key", "time", "length", "end"],
)
def test_a_midi_file_that_breaks_the_standard_is_refused(track: bytes, told: str) -> None:
    with within(15), in_megabytes(200), pytest.raises(RequestError, match=told):
        parse_midi(raw_midi(track))


def test_more_events_than_any_song_has_are_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_bytes, "MOST_SINGLE_BYTES", 20_000)
    parse_midi(raw_midi(NOTE + b"\x00\xc0\x01" + b"\x00\x01" * 9_000))
    with pytest.raises(RequestError, match="more events than any song"):
        parse_midi(raw_midi(NOTE + b"\x00\xc0\x01" + b"\x00\x01" * 11_000))


def test_many_notes_of_one_pitch_that_end_late_take_no_square_of_time() -> None:
    count = 60_000
    track = b"\x00\x90\x3c\x40" + b"\x00\x3c\x40" * count + b"\x00\x3c\x00" * count
    with within(15), pytest.raises(RequestError, match="20,000"):
        parse_midi(raw_midi(track))


def test_a_metre_that_no_bar_can_have_is_left_out() -> None:
    song = parse_midi(raw_midi(b"\x00\xff\x58\x04\x04\xff\x18\x08" + NOTE))
    assert song.metre == (4, 4)


def sound(folder: Path, kind: str, place: int, value: bytes) -> Path:
    file = folder / f"a.{kind}"
    soundfile.write(file, np.random.default_rng(0).standard_normal(20_000) * 0.1, 16_000)
    content = bytearray(file.read_bytes())
    content[place : place + len(value)] = value
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("flac", 21, b"\x0f\xff\xff\xff\xff"),  # 50 days of samples
        ("flac", 22, struct.pack(">I", 16_000 * 590)),  # nearly ten minutes
        ("ogg", 40, b"\xff\xff\xff\xff"),
        ("mp3", 0, b"\xff\xfb\xe0\xc4" + b"\0" * 32 + b"Xing\0\0\0\x01\xff\xff\xff\xf0"),  # 4 billion frames
        ("wav", 24, b"\x00\x00\x00\x00"),  # no sample rate
        ("wav", 22, b"\xff\xff"),  # 65,535 channels
        ("aiff", 22, b"\x7f\xff\xff\xff"),
    ],
)
def test_a_sound_that_promises_hours_takes_the_memory_of_what_is_there(
    kind: str, place: int, value: bytes, tmp_path: Path
) -> None:
    file = sound(tmp_path, kind, place, value)
    with within(15), in_megabytes(60), suppress(RequestError):
        assert read_audio(file).seconds < 2


def zip_of(file: Path, method: int, megabytes: int) -> Path:
    with zipfile.ZipFile(file, "w", method) as archive, archive.open("pack/recipe.json", "w") as member:
        for _ in range(megabytes):
            member.write(b" " * 1_000_000)
    return file


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packed_bomb_is_not_unpacked(method: int, tmp_path: Path) -> None:
    bomb = zip_of(tmp_path / "a.zip", method, 100)
    with within(10), in_megabytes(40), pytest.raises(RequestError, match="give the folder of a pack"):
        read_recipe(bomb)


def test_a_zip_with_a_million_members_is_not_listed(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 1_000_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    (tmp_path / "a.zip").write_bytes(directory + end)
    with within(5), in_megabytes(20), pytest.raises(RequestError, match="damaged"):
        read_recipe(tmp_path / "a.zip")


def test_members_of_a_zip_are_never_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "a.zip", "w") as archive:
        for name in ("../recipe.json", "/etc/recipe.json", "a/b/../../../recipe.json"):
            archive.writestr(name, "{}")
    with suppress(RequestError):
        read_recipe(tmp_path / "in" / "a.zip")
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.zip"]


def test_a_pack_of_ours_with_as_many_members_as_are_read_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(MOST_MEMBERS - 1):
            archive.writestr(f"pack/stems/{number}_a_rather_long_name_of_a_part_140bpm.wav", b"")
        archive.writestr("pack/recipe.json", '{"bpm": 140}')
    assert read_recipe(tmp_path / "a.zip") == {"bpm": 140}


def tensors(file: Path, header: str, content: bytes = b"") -> Path:
    file.write_bytes(struct.pack("<Q", len(header)) + header.encode() + content)
    return file


def tensor(shape: str, end: str) -> str:
    return f'{{"a": {{"dtype": "F32", "shape": [{shape}], "data_offsets": [0, {end}]}}}}'


MANY = ", ".join(f'"{number}": {{"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}' for number in range(100_001))
HEADERS = {
    "numbers": tensor(", ".join([BIG] * 1200), "4"),
    "dimensions": tensor(", ".join(["1"] * 1_000_000), "4"),
    "terabytes": tensor("1099511627776", "4398046511104"),
    "end": tensor("1", BIG),
    "tensors": f"{{{MANY}}}",
    "deep": '{"a": ' + "[" * 100_000,
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_of_weights_that_promises_too_much_is_refused_at_once(header: str, tmp_path: Path) -> None:
    file = tensors(tmp_path / "a.safetensors", header, b"0000")
    with within(10), pytest.raises(WeightsError, match="truncated or no"):
        read_header(file)


@pytest.mark.parametrize("text", ["1" + ":1" * 400_000, "0x" + "f" * 900_000, "0b" + "1" * 900_000, "9" * 900_000])
def test_a_number_of_a_configuration_that_takes_ages_to_read_is_refused(text: str) -> None:
    with within(5), pytest.raises(ConfigError, match="64 digits"):
        parse(f"dim: {text}")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900], ids=["list", "object", "whole"]
)
@pytest.mark.parametrize("read", [options_of_text, recipe_of_text])
def test_deep_json_is_refused(text: str, read: Callable[[str], object]) -> None:
    with within(5), pytest.raises(RequestError):
        read(text)


def test_a_deep_value_of_an_option_is_refused() -> None:
    deep: list[object] = []
    for _ in range(50_000):
        deep = [deep]
    for name in ("bpm", "prompt", "again", "style"):
        with pytest.raises(RequestError):
            BeatRequest(**{"prompt": "bells", name: deep})


@pytest.mark.parametrize("name", BeatRequest.__dataclass_fields__)
def test_an_option_of_ten_thousand_characters_is_refused_in_one_line(name: str) -> None:
    for value in ("x" * 10_000, "9" * 10_000, "<b>" * 4_000, ["x" * 10_000], ["x"] * 10_000, int(BIG)):
        with within(5), pytest.raises(RequestError) as wrong:
            BeatRequest(**{"prompt": "bells", name: value})
        assert len(str(wrong.value)) < 400
        assert "\n" not in str(wrong.value)
