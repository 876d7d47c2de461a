"""What the ends of a large file tell of it, against a Hub on the loopback device."""

from __future__ import annotations

import json
import struct
from os import environ
from pathlib import Path
from typing import Any

import pytest
import torch
from hub_repositories import HEADER, LARGE, LORA, MUSICGEN, WHOLE, fetched, put, told_of
from omegaconf import OmegaConf
from safetensors.torch import save as saved
from tiny_models import LM_CONFIG, changed, held_in, save_held, save_model

from benchmarks.transformers_models import make_model, save
from typebeat.engines import WeightsError
from typebeat.engines.inspect import inspect_weights
from typebeat.engines.locate import locate


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A base of some megabytes in each format."""
    place = tmp_path_factory.mktemp("bases")
    save_model(place / "audiocraft", changed(LM_CONFIG, transformer_lm={"dim": WIDTH}))
    for name in ("transformers", "pickled"):
        save(place / name, make_model(dim=WIDTH))
    (place / "pickled" / "model.safetensors").unlink()
    torch.save(make_model(dim=WIDTH).state_dict(), place / "pickled" / "pytorch_model.bin")
    return {folder.name: folder for folder in place.iterdir()}


WIDTH = 256
LAYERS = {"audiocraft": "transformer.layers"}  # by the base's format; else transformers'


@pytest.mark.parametrize(
    ("layer", "width", "rank", "told"),
    [
        (1, WIDTH, 4, "plays: its base is"),
        (7, WIDTH, 4, "does not play: refused: adapter_model.safetensors: 2 of its 2 tensors have no place in the"),
        (1, 2 * WIDTH, 4, "is for another base, whose tensor is (512, 512)"),
        (1, WIDTH, 8, "is of rank 8, its config says 4"),
    ],
    ids=["fits", "deeper", "wider", "rank"],
)
@pytest.mark.parametrize("base", ["audiocraft", "transformers", "pickled"])
def test_whether_an_adapter_fits_its_base_is_told_before_either_is_fetched(hub, bases, base, layer, width, rank, told):
    files = {file.name.replace(".", "__"): file.read_bytes() for file in bases[base].iterdir()}
    assert sum(map(len, files.values())) > 4_000_000
    put(hub, "you/base", **files)
    halves = {"lora_A": torch.zeros(rank, width), "lora_B": torch.zeros(width, rank)}
    module = f"base_model.model.{LAYERS.get(base, 'decoder.model.decoder.layers')}.{layer}.self_attn.out_proj"
    adapter = saved({f"{module}.{half}.weight": held for half, held in halves.items()})
    put(hub, "you/lora", adapter_config__json=LORA, adapter_model__safetensors=adapter)
    text = told_of("you/lora")
    assert told in text
    assert "/tmp" not in text
    assert fetched(hub) == 0
    hub.sent = 0
    if "plays: its base" in told:
        assert (locate("you/lora", "cpu", "beat").folder / "adapter_model.safetensors").read_bytes() == adapter
    else:
        with pytest.raises(WeightsError, match="refused before it was fetched"):
            locate("you/lora", "cpu", "beat")
    assert fetched(hub) == 0


def test_an_adapter_is_had_though_its_base_cannot_be_looked_at(hub):
    put(hub, "you/lora", adapter_config__json=LORA, adapter_model__safetensors=WHOLE)
    hub.fail("GET", "/api/models/you/base", 503, times=99)
    assert (locate("you/lora", "cpu", "beat").folder / "adapter_config.json").is_file()


def outlined(hub: Any, folder: Path, name: str = "you/heavy") -> str:
    """What is told of a folder of some megabytes once it is on the Hub, where it must not be fetched."""
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert sum(map(len, files.values())) > 4_000_000
    put(hub, name, **{file.replace(".", "__"): content for file, content in files.items()})
    report = inspect_weights(name)
    if not report.verdict.plays:
        with pytest.raises(WeightsError, match="refused before it was fetched"):
            locate(name, "cpu", "beat")
    assert fetched(hub) == 0
    return "\n".join(report.lines())


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({}, "plays: plays with text"),
        ({"conditioners": {"self_wav": {"model": "clap", "clap": {}}}}, "wants clap audio beside the text"),
        ({"lm_model": "transformer_lm_magnet"}, "is of the kind 'transformer_lm_magnet'"),
        ({"codebooks_pattern": {"modeling": "${oc.env:HF_TOKEN}"}}, "asks for something outside of the file"),
        ({"transformer_lm": {"dim": 262_144}}, "do not fit its xp.cfg"),
    ],
    ids=["plays", "clap", "magnet", "secret", "absurd"],
)
def test_what_a_large_file_of_audiocrafts_is_is_told_by_its_ends(hub, tmp_path, sections, told):
    sizes = {"transformer_lm": {"dim": 256}}
    folder = save_model(tmp_path / "heavy", changed(LM_CONFIG, **sizes))
    config = OmegaConf.to_yaml(OmegaConf.create(changed(changed(LM_CONFIG, **sizes), **sections)))
    save_held(folder / "state_dict.bin", {**held_in(folder / "state_dict.bin"), "xp.cfg": config})
    text = outlined(hub, folder)
    assert told in text
    assert "if it is" not in text
    assert environ["HF_TOKEN"] not in text
    assert str(tmp_path) not in text


def test_code_in_a_pickle_and_a_header_that_claims_too_much_are_told_by_their_ends(hub, tmp_path):
    pickled, cut = tmp_path / "pickled", tmp_path / "cut"
    for folder in (pickled, cut):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(MUSICGEN))
        (folder / "tokenizer.json").write_text("{}")
    save_held(pickled / "pytorch_model.bin", {"a": torch.zeros(1_250_000), "b": fetched})
    assert "contains code" in outlined(hub, pickled, "you/pickled")
    header = HEADER.replace(b"500000", b"900000").replace(b"2000000", b"3600000")
    (cut / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + LARGE + LARGE + LARGE)
    assert "model.safetensors is truncated" in outlined(hub, cut, "you/cut")


def test_a_hub_that_sends_no_part_of_a_file_changes_no_verdict(hub, tmp_path, monkeypatch):
    folder = save_model(tmp_path / "heavy", changed(LM_CONFIG, transformer_lm={"dim": 256}))
    monkeypatch.setattr("typebeat.engines.outline.LARGEST_LOOK", 10)
    assert "plays: plays with text, if it is" in outlined(hub, folder)
