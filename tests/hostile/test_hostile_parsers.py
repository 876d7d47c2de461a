"""Whatever reads what strangers send reads it or refuses it in one line: nothing else is raised, nothing hangs."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from limits import within
from raw_midi import raw_midi

from typebeat.engines import WeightsError
from typebeat.engines.beat.formats import base_of, parse_small
from typebeat.engines.checkpoints import read_checkpoint
from typebeat.engines.cover.naming import stated_base
from typebeat.engines.foreign import read_header, read_metadata
from typebeat.engines.plain_config import ConfigError, parse, used_sections
from typebeat.midi.reader import parse_midi
from typebeat.page.links import check_options, options_of, options_of_text
from typebeat.parts.again import settle, tokens_text
from typebeat.parts.recipes import recipe_of_text
from typebeat.request.chord_text import read_chords
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.understanding import preview
from typebeat.sound.files import read_audio
from typebeat.version import __version__

LONGEST_LINE = 700  # characters of a refusal
SECONDS = 20.0  # of the processor
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
SAID = (
    "no without drums 808 bpm 140 1e9 in F# minor Dur 4 takes seed halb doble トラップ 暗い <b> ../.. & kid cudi beat"
)
WORDS = st.sampled_from(SAID.split())
PROMPTS = st.lists(WORDS | st.text(max_size=12), max_size=40).map(" ".join)


def refuses(kind: type[Exception], read: Callable[[], Any]) -> Any:
    """What is read, or None where it is refused, in one line that can be printed."""
    with within(SECONDS):
        try:
            return read()
        except kind as error:
            line = str(error)
            assert "\n" not in line
            assert len(line) <= LONGEST_LINE
            return None


@given(PROMPTS)
def test_a_prompt(prompt: str) -> None:
    refuses(RequestError, lambda: preview(BeatRequest.parse(prompt=prompt)))


RECORDS = [BeatRequest, CoverRequest, MidiOptions, ReferenceOptions]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
@given(st.data())
def test_an_option_of_any_type(record: type, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(record.__dataclass_fields__)))
    value = data.draw(VALUES)
    others = {"prompt": "bells"} if "prompt" in record.__dataclass_fields__ else {}
    refuses(RequestError, lambda: record(**{**others, name: value}))


@given(st.text("ABCDEFGHabmjdisugx°ø△#♭♯75913/|:%().,-→ N\n0123456789", max_size=80) | st.text(max_size=40))
def test_chords(text: str) -> None:
    refuses(RequestError, lambda: read_chords(text))


@given(st.text(max_size=60) | VALUES.map(json.dumps) | PROMPTS.map(lambda said: f"http://[{said}?prompt={said}"))
def test_a_pasted_link_or_recipe(text: str) -> None:
    refuses(RequestError, lambda: options_of_text(text))
    refuses(RequestError, lambda: recipe_of_text(text))


def recipe() -> dict[str, Any]:
    return {
        "prompt": "bells", "style": "kid-cudi", "bpm": 84, "key": "D minor", "bars": 1, "seed": 3, "again": [],
        "weights": {"beat": {"name": "starter", "revision": "0123456789ab"}}, "versions": {"typebeat": __version__},
        "tokens": tokens_text(np.zeros((4, 20), np.int16)), "fit": {"speed": 1.0, "moved": 0.0}, "parents": ["a"],
        "chosen": {},
    }  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(recipe())), VALUES, max_size=3), st.sampled_from(["melody", "x", ""]))
def test_a_recipe_that_was_edited(changes: dict[str, Any], again: str) -> None:
    edited = recipe() | changes
    refuses(RequestError, lambda: settle({"again": again}, edited))
    refuses(RequestError, lambda: check_options(options_of(edited)))


EVENTS = st.sampled_from(
    [b"\x00\x90\x3c\x40", b"\x60\x80\x3c\x40", b"\x00\xff\x51\x03\x07\xa1\x20", b"\x00\xff\x58\x04\x04\x02\x18\x08"]
)


@st.composite
def midi_files(draw: st.DrawFn) -> bytes:
    tracks = draw(st.lists(st.lists(EVENTS | st.binary(max_size=8), max_size=12).map(b"".join), max_size=4))
    kind, division = draw(st.integers(0, 3)), draw(st.sampled_from([480, 96, 1, 0, 0xE728]))
    return raw_midi(*tracks, kind=kind, division=division)


@given(midi_files())
def test_a_midi_file(content: bytes) -> None:
    song = refuses(RequestError, lambda: parse_midi(content))
    if song:
        assert all(len(line) <= LONGEST_LINE for line in song.lines())
        for part in ("drums", "melody"):
            assert all(np.isfinite([note.onset, note.offset]).all() for note in song.notes_of(part))


@cache
def sound(kind: str, subtype: str) -> bytes:
    written = io.BytesIO()
    noise = np.random.default_rng(0).standard_normal(24_000) * 0.1
    soundfile.write(written, noise, 16_000, format=kind, subtype=subtype)
    return written.getvalue()


SOUNDS = [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16"),
          ("CAF", "PCM_16")]  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, 120), st.sampled_from([0, 1, 0x7F, 0x80, 0xFF])), max_size=8)


@pytest.mark.parametrize("kind", SOUNDS, ids=lambda kind: kind[0])
@given(changes=CHANGES, cut=st.none() | st.integers(0, 2000))
def test_a_sound_file(kind: tuple[str, str], changes: list[tuple[int, int]], cut: int | None, tmp_path: Path) -> None:
    content = bytearray(sound(*kind))
    for place, value in changes:
        content[place] = value
    file = tmp_path / f"a.{kind[0].lower()}"
    file.write_bytes(content[:cut])
    read = refuses(RequestError, lambda: read_audio(file))
    if read:
        assert np.isfinite(read.samples).all()


NUMBERS = st.integers(-1, 40) | st.integers(2**62, 2**70) | st.floats() | st.none()
TENSORS = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F16", "I8", "X", 4]),
        "shape": st.lists(NUMBERS, max_size=20) | NUMBERS,
        "data_offsets": st.lists(NUMBERS, min_size=1, max_size=3) | NUMBERS,
    }
)


NAMES = st.text(max_size=4) | st.just("__metadata__")


@given(header=st.dictionaries(NAMES, TENSORS | VALUES, max_size=4), content=st.binary())
def test_the_header_of_an_adapter(header: dict[str, Any], content: bytes, tmp_path: Path) -> None:
    told = json.dumps(header).encode()
    file = tmp_path / "adapter_model.safetensors"
    file.write_bytes(struct.pack("<Q", len(told)) + told + content)
    places = refuses(WeightsError, lambda: read_header(file))
    refuses(WeightsError, lambda: read_metadata(file))
    if places:
        assert all(min(place.shape, default=0) >= 0 for place in places.values())


CONFIGS = st.dictionaries(
    st.sampled_from(["base_model_name_or_path", "revision", "peft_type", "r", "lora_alpha", "target_modules"]), VALUES
)


@given(config=CONFIGS.map(json.dumps) | st.text(max_size=40), card=st.text(max_size=60))
def test_what_an_adapter_says_of_itself(config: str, card: str, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(config, encoding="utf-8", errors="replace")
    (tmp_path / "README.md").write_text(f"---\n{card}", encoding="utf-8", errors="replace")
    refuses(WeightsError, lambda: stated_base(tmp_path))
    held = refuses(WeightsError, lambda: parse_small(config.encode(errors="replace"), "adapter_config.json"))
    if held is not None:
        refuses(WeightsError, lambda: base_of(held, tmp_path / "adapter_config.json"))


@given(st.text("ab:-[]{}&*!|>%#'\"0123456789.xeE+ \n", max_size=60) | VALUES.map(json.dumps))
def test_a_configuration(text: str) -> None:
    root = refuses(ConfigError, lambda: parse(text))
    if isinstance(root, dict):
        refuses(ConfigError, lambda: used_sections({"lm_model": root}))


@cache
def checkpoint(is_zip: bool) -> bytes:
    import torch

    written = io.BytesIO()
    held = {"best_state": {"a": torch.zeros(4)}, "xp.cfg": "lm_model: a"}
    torch.save(held, written, _use_new_zipfile_serialization=is_zip)
    return written.getvalue()


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "pickle"])
@given(changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6), cut=st.integers(0, 2000))
def test_a_checkpoint(is_zip: bool, changes: list[tuple[int, int]], cut: int, tmp_path: Path) -> None:
    content = bytearray(checkpoint(is_zip))
    for place, value in changes:
        content[place % len(content)] = value
    file = tmp_path / "state_dict.bin"
    file.write_bytes(content[:cut])
    with suppress(WeightsError), within(SECONDS):
        read_checkpoint(file)
