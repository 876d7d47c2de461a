"""What a repository is told to be, against a Hub on the loopback device; weights are never fetched for it."""

from __future__ import annotations

import json
import re

import pytest
from hub_repositories import (
    CARD,
    LARGE,
    LORA,
    MUSICGEN,
    SDXL,
    SHARDS,
    STEM_CODECS,
    TOKENIZER,
    WHOLE,
    fetched,
    put,
    put_pictures,
    told_of,
)

from typebeat.engines import HubUnreachableError, WeightsError
from typebeat.engines.inspect import inspect_weights
from typebeat.engines.locate import locate


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("files", "format", "told"),
    [
        ({"state_dict__bin": LARGE, "compression_state_dict__bin": LARGE}, "audiocraft", "plays: plays with text"),
        ({"state_dict__bin": LARGE, **STEM_CODECS}, "MusicGen-Stem", "plays: plays bass, drums and other apart"),
        (
            {"state_dict__bin": LARGE, "compression_state_dict_bass__bin": LARGE},
            "MusicGen-Stem",
            "does not play: its codec for drums and other is missing (compression_state_dict_drums.bin and ",
        ),
        ({"config__json": MUSICGEN, "model__safetensors": WHOLE, **TOKENIZER}, "stereo musicgen", "plays: plays with"),
        (
            {"config__json": {**MUSICGEN, "model_type": "musicgen_melody"}, **SHARDS, **TOKENIZER}
            | {"model__safetensors__index__json": {}},
            "musicgen-melody",
            "with a tune (use melody)",
        ),
        ({"config__json": MUSICGEN, **TOKENIZER}, "musicgen", "does not play: it has no weights"),
        ({"config__json": MUSICGEN, "model__safetensors": WHOLE}, "musicgen", "does not play: it has no tokenizer"),
        ({"config__json": {"model_type": "bark"}, "model__safetensors": WHOLE}, "transformers", "'bark'; musicgen and"),
        ({"config__json": b"{"}, "broken", "config.json is truncated"),
        ({"config__json": b" " * 300_000}, "unknown", "larger than any file of its kind"),
        ({"adapter_config__json": {**LORA, "use_dora": True}}, "broken", "has use_dora"),
        ({"adapter_config__json": LORA}, "PEFT adapter on you/base", "has no adapter_model.safetensors"),
        (
            {"adapter_config__json": LORA, "adapter_model__safetensors": WHOLE},
            "PEFT adapter on you/base",
            "does not play: its base cannot be had",
        ),
        ({"lm_final__pt": LARGE}, "raw checkpoint", "audiocraft.utils.export"),
        ({"model_index__json": {}}, "diffusers", "does not draw: diffusers knows no pipeline"),
        ({"x\x1b[31m<b>": b"1"}, "unknown", "it holds README.md, x?"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_repository_is_told_without_fetching_its_weights(hub, files, format, told):
    put(hub, "you/beats", README__md=CARD, **files)
    report = inspect_weights("you/beats")
    text = "\n".join(report.lines())
    assert format in report.verdict.format
    assert told in text
    assert "licence: mit" in text
    assert not {"\x1b", "<"} & set(text)
    assert fetched(hub) == 0
    if not getattr(report.verdict, "plays", False) and not getattr(report.verdict, "base", ""):  # pictures do neither
        with pytest.raises(WeightsError, match="refused before it was fetched"):
            locate("you/beats", "cpu", "beat")
        assert fetched(hub) == 0


def test_only_the_files_that_are_needed_are_fetched(hub):
    more = {
        "pytorch_model__bin": LARGE,
        "optimizer__pt": LARGE,
        "flax_model__msgpack": LARGE,
        "generation_config__json": {},
    }
    put(hub, "you/beats", config__json=MUSICGEN, model__safetensors=WHOLE, README__md=CARD, **TOKENIZER, **more)
    located = locate("you/beats", "cpu", "beat")
    assert {path.name for path in located.folder.iterdir()} == {
        "config.json", "generation_config.json", "model.safetensors", "README.md", "tokenizer.json",
    }  # fmt: skip
    report = inspect_weights("you/beats")
    assert report.bytes == pytest.approx(2e6, rel=0.01)


def test_of_a_model_of_stems_all_codecs_are_fetched_and_its_licence_is_known_where_its_card_is_empty(hub):
    put(hub, "facebook/musicgen-stem-6cb", state_dict__bin=LARGE, README__md=b"", old__bin=LARGE, **STEM_CODECS)
    located = locate("facebook/musicgen-stem-6cb", "cpu", "beat")
    names = {"state_dict.bin", "README.md", *(name.replace("__", ".") for name in STEM_CODECS)}
    assert {path.name for path in located.folder.iterdir()} == names
    assert located.weights.licence == "cc-by-nc-4.0"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"config__json": {"model_type": "bark"}}, "does not play: its base is transformers; its model_type is 'bark'"),
        (
            {"config__json": MUSICGEN, **TOKENIZER},
            "does not play: its base cannot be used: config.json asks for 6 layers",
        ),
        ({"config__json": {"format": "typebeat-starter-1"}}, "plays: its base is Typebeat's starter; plays with text"),
    ],
    ids=["another model", "broken", "starter"],
)
def test_an_adapter_plays_where_its_base_does(hub, files, told):
    put(hub, "you/lora", adapter_config__json=LORA, adapter_model__safetensors=WHOLE)
    put(hub, "you/base", model__safetensors=WHOLE, **files)
    assert told in told_of("you/lora")
    if "not" in told:
        with pytest.raises(WeightsError, match="refused before it was fetched"):
            locate("you/lora", "cpu", "beat")
    assert fetched(hub) == 0


def test_families_that_do_not_play_are_refused_by_name(hub):
    put(hub, "facebook/magnet-small-10secs", state_dict__bin=LARGE, compression_state_dict__bin=LARGE)
    with pytest.raises(WeightsError, match="it fills in masked tokens"):
        locate("facebook/magnet-small-10secs", "cpu", "beat")
    assert fetched(hub) == 0


def test_a_typo_a_space_a_dataset_and_a_gated_one_are_told_as_what_they_are(hub, monkeypatch):
    put(hub, "you/phonk-beats", state_dict__bin=LARGE, compression_state_dict__bin=LARGE)
    put(hub, "you/app", kind="space")
    put(hub, "you/loops", kind="dataset")
    put(hub, "you/gated", config__json=MUSICGEN, model__safetensors=WHOLE).gated = True
    put(hub, "you/private", private=True)
    for name, told in {
        "you/phonk-beat": r"did you mean you/phonk-beats\?",
        "facebok/musicgen-medium": r"did you mean facebook/musicgen-medium\?",
        "you/app": "is a Space",
        "you/loops": "is a dataset",
        "you/gated": "is gated: accept its terms",
        "you/private": "a private one needs HF_TOKEN",
        "you/phonk-beats@v9": "has no branch, tag or commit 'v9'",
    }.items():
        with pytest.raises(WeightsError, match=told):
            inspect_weights(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("musicgen-smal", "facebook/musicgen-small"),
        ("startr", "starter"),
        ("Musicgen-Large", "facebook/musicgen-large"),
    ],
)
def test_a_name_without_its_owner_or_with_a_slip_is_answered_with_the_nearest(name, meant):
    with pytest.raises(WeightsError, match=re.escape(f"(did you mean {meant}?)")):
        locate(name, "cpu", "beat")
    with pytest.raises(WeightsError, match=r"no weights folder 'qqq'; allowed"):
        locate("qqq", "cpu", "beat")


def test_gated_and_private_ones_are_told_without_a_token_too(hub, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    put(hub, "you/beats", state_dict__bin=LARGE, compression_state_dict__bin=LARGE).gated = True
    put_pictures(hub, "you/art", SDXL, "unet/a.safetensors").gated = True
    put(hub, "you/private", private=True)
    gated, private = "is gated: accept its terms", "a private one needs HF_TOKEN"
    cases = [("you/beats", "beat", gated), ("you/art", "cover", gated)]
    for name, kind, told in (*cases, ("you/private", "beat", private), ("you/private", "cover", private)):
        with pytest.raises(WeightsError, match=told):
            locate(name, "cpu", kind)


def test_a_hub_that_breaks_while_a_file_is_looked_at_is_one_that_does_not_answer(hub):
    put(hub, "you/beats", state_dict__bin=LARGE, compression_state_dict__bin=LARGE)
    hub.fail("GET", r"/resolve/.*state_dict\.bin", 503, times=99)
    with pytest.raises(HubUnreachableError, match="could not be reached for you/beats"):
        inspect_weights("you/beats")


def test_a_hub_that_does_not_answer_is_told(hub):
    hub.fail("GET", "/api/models/", 503, times=99)
    with pytest.raises(HubUnreachableError, match="could not be reached for you/beats"):
        inspect_weights("you/beats")


def test_a_folder_is_told_too(tmp_path):
    folder = tmp_path / "beats"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(MUSICGEN))
    (folder / "model.safetensors").write_bytes(LARGE)
    (folder / "tokenizer.json").write_text("{}")
    lines = inspect_weights(str(folder)).lines()
    assert lines[0] == "beats: transformers, stereo musicgen"
    assert lines[1] == "licence: unknown"
    assert lines[2] == "size: 2.0 MB in 3 files"


def test_beats_whose_files_are_gated_are_told_as_that(hub):
    put(hub, "you/gated", state_dict__bin=LARGE, compression_state_dict__bin=LARGE).gated = True
    with pytest.raises(WeightsError, match="is gated: accept its terms"):
        locate("you/gated", "cpu", "beat")


def test_an_adapter_in_a_folder_plays_where_its_base_does(hub, tmp_path):
    adapter, base = tmp_path / "mine", tmp_path / "base"
    adapter.mkdir()
    base.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(LARGE)
    for name, plays in {"base": False, "/etc": False, "..": False, "starter": True}.items():
        (adapter / "adapter_config.json").write_text(json.dumps({**LORA, "base_model_name_or_path": name}))
        assert inspect_weights(str(adapter)).verdict.plays == plays, name
