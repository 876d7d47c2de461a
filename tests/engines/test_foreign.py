"""What strangers' files say: nothing of the machine leaks through them, and nothing absurd in them is carried out."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from typebeat.engines import WeightsError, without_paths
from typebeat.engines.foreign import (
    known_licence,
    one_line,
    quoted,
    read_header,
    read_json,
    read_licence,
    weight_map,
)
from typebeat.engines.plain_config import ConfigError, parse, used_sections

SECRET = "hf_aSecretThatMustNotLeak"
DOUBLING = "\n".join(f"{a}: ['${{{b}}}', '${{{b}}}']" for a, b in pairwise("abcdefghijklmnopqrstuvwxyz")) + "\nz: 1"
NASTY = "\x1b[31m<script>alert(1)</script>\n[x](http://y)`\u202e"


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", SECRET)


@pytest.mark.parametrize(
    "config",
    [
        "lm_model: ${oc.env:HF_TOKEN}",
        "conditioners: {description: {model: '${oc.env:HF_TOKEN}'}}",
        "codebooks_pattern: {modeling: 'a${oc.env:HF_TOKEN}b'}",
        "dataset: {segment_duration: '${oc.env:HF_TOKEN}'}",
        "transformer_lm: {activation: '${ oc.env:HF_TOKEN }'}",
        "transformer_lm: {activation: '${x}'}\nx: ${y}\ny: ${oc.decode:${oc.env:HF_TOKEN}}",
        "transformer_lm: {activation: '${oc.env:${name}}'}\nname: HF_TOKEN",
    ],
)
def test_a_config_that_asks_for_the_environment_is_refused_and_never_echoed(config):
    with pytest.raises(ConfigError, match=r"refused: .* outside of the file") as raised:
        used_sections(parse(config))
    assert SECRET not in str(raised.value)
    assert "HF_TOKEN" not in str(raised.value)


def test_a_config_refers_to_its_own_values_and_what_is_not_used_may_ask_for_anything():
    config = parse(
        "sample_rate: 32000\ndataset: {segment_duration: 30, path: '${oc.env:HF_TOKEN}'}\n"
        "dora: {dir: '/checkpoint/${oc.env:USER}/x'}\nconditioners:\n  self_wav:\n    model: chroma_stem\n"
        "    chroma_stem: {sample_rate: '${sample_rate}', duration: '${dataset.segment_duration}',"
        " n: '${.sample_rate}', name: 'at ${sample_rate} Hz'}\ntransformer_lm: {eps: 1e-3, card: 2048, day: 2023-01-01}"
    )
    used = used_sections(config)
    assert used["conditioners"]["self_wav"]["chroma_stem"] == {
        "sample_rate": 32000,
        "duration": 30,
        "n": 32000,
        "name": "at 32000 Hz",
    }
    assert used["dataset"] == {"segment_duration": 30}
    assert used["transformer_lm"] == {"eps": 1e-3, "card": 2048, "day": "2023-01-01"}
    assert "dora" not in used


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("a: &a [1, 2]\nb: *a", "repeats parts of itself"),
        pytest.param(f"a: [{'1, ' * 100_000}]", "more than 20,000 values", id="wide"),
        pytest.param("[" * 5000, "no plain YAML|levels", id="deep"),
        ("a: !!python/object/apply:os.getenv [HF_TOKEN]", "no plain YAML"),
        ("a: [1", "no plain YAML in line"),
        pytest.param("a: " + "x" * 2_000_000, "longer than", id="long"),
    ],
)
def test_a_config_that_is_a_bomb_is_refused(config, told):
    with pytest.raises(ConfigError, match=told):
        parse(config)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("conditioners: {a: '${conditioners.b}', b: '${conditioners.a}'}", "circles"),
        pytest.param("fuser: '${a}'\n" + DOUBLING, "circles", id="doubling"),
        ("fuser: ${nothing.there}", "not there"),
        ("transformer_lm: {dim: 1e30}", "beyond all bounds"),
        ("transformer_lm: {dim: .inf}", "beyond all bounds"),
        ("transformer_lm: {dim: .nan}", "beyond all bounds"),
        pytest.param(f"transformer_lm: {{dim: {'9' * 400}}}", "more than 64 digits", id="long number"),
        pytest.param(f"lm_model: 0x{'F' * 90_000}", "more than 64 digits", id="longer number"),
    ],
)
def test_references_that_lead_nowhere_and_absurd_numbers_are_refused(config, told):
    with pytest.raises(ConfigError, match=told):
        used_sections(parse(config))


def test_what_is_quoted_is_cut_and_harmless():
    told = quoted(NASTY * 10)
    assert len(told) <= 62
    for each in ("\x1b", "<", ">", "[", "]", "`", "\n", "\u202e"):
        assert each not in told
        assert each not in one_line(ValueError(NASTY))
    assert quoted({"a": SECRET}) == "a dict"
    assert quoted(None) == "None"
    assert len(one_line(ValueError("x" * 10**6))) == 160


def test_visitors_see_files_by_name_alone():
    told = without_paths("/srv/me/lm/state_dict.bin is missing; see https://huggingface.co/a/b or owner/name@v1")
    assert told == "state_dict.bin is missing; see https://huggingface.co/a/b or owner/name@v1"
    assert without_paths("refused: C:\\me\\x.bin (OSError: '/home/ada/.cache/y')") == "refused: x.bin (OSError: 'y')"
    assert "/home/ada" not in one_line(OSError(2, "No such file", "/home/ada/.cache/secret/file.bin"))


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: MIT\n---\n", "mit"),
        ("---\nlicense: <script>alert(1)</script>\n---\n", "unknown"),
        ("---\nlicense: ${oc.env:HF_TOKEN}\n---\n", "unknown"),
        ("---\nlicense: \x1b[2J\n---\n", "unknown"),
        ("# no front matter\n---\nlicense: mit\n---\n", "unknown"),
    ],
)
def test_a_licence_is_one_of_the_list_or_unknown(card, licence, tmp_path):
    (tmp_path / "README.md").write_text(card)
    assert read_licence(tmp_path) == licence
    assert known_licence({"a": 1}) == "unknown"


def header(told: object, length: int | None = None, content: bytes = b"") -> bytes:
    text = json.dumps(told).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        header({}, 2**62),
        header({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}),
        header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, content=b"0000"),
        header({"a": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}, content=b"0000"),
        header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, content=b"00000000"),
        header({n: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for n in "ab"}, content=b"0000"),
        header({"a": {"dtype": NASTY, "shape": [1], "data_offsets": [0, 4]}}, content=b"0000"),
        header({"a": []}),
        b"\x10\0\0\0\0\0\0\0" + b"[" * 16,
    ],
)
def test_a_safetensors_header_that_claims_what_is_not_there_is_refused(content, tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match="truncated or no") as raised:
        read_header(file)
    assert "\x1b" not in str(raised.value)


def test_a_header_is_read_with_types_and_shapes(tmp_path):
    file = tmp_path / "model.safetensors"
    told = {"a": {"dtype": "F16", "shape": [2, 1], "data_offsets": [0, 4]}, "__metadata__": {"format": NASTY}}
    file.write_bytes(header(told, content=b"0000"))
    assert [(name, place.dtype, place.shape) for name, place in read_header(file).items()] == [("a", "F16", (2, 1))]


@pytest.mark.parametrize("name", ["../model.safetensors", "/etc/passwd", "a/b.safetensors", NASTY, "x.bin"])
def test_an_index_names_files_right_beside_it_or_is_refused(name, tmp_path):
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(WeightsError, match="not one beside it") as raised:
        weight_map(tmp_path, index)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("content", ["[" * 100_000, "{", "[1]", '{"a": ' + "1" * 5_000_000 + "}"], ids=range(4))
def test_json_that_is_deep_broken_or_huge_is_refused(content, tmp_path):
    file = Path(tmp_path / "config.json")
    file.write_text(content)
    with pytest.raises(WeightsError, match=r"config\.json"):
        read_json(file)
