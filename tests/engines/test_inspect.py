"""What a repository is told to be, against a Hub on the loopback device; weights are never fetched for it."""

from __future__ import annotations

import json
import re
import struct
from os import environ
from pathlib import Path
from typing import Any

import pytest
import torch
from hub_store import Repo
from omegaconf import OmegaConf
from safetensors.torch import save as saved
from tiny_models import LM_CONFIG, changed, held_in, save_held, save_model

from benchmarks.picture_folders import ADAPTER, USUAL, adapted, diffusers_unet, half, lora
from benchmarks.transformers_models import make_model, save
from typebeat.engines import HubUnreachableError, WeightsError
from typebeat.engines.cover.files import locate_cover
from typebeat.engines.inspect import inspect_weights
from typebeat.engines.locate import locate

LARGE = b"\0" * 2_000_000
HEADER = json.dumps({"a": {"dtype": "F32", "shape": [500_000], "data_offsets": [0, len(LARGE)]}}).encode()
WHOLE = struct.pack("<Q", len(HEADER)) + HEADER + LARGE  # a safetensors file of one tensor
MUSICGEN = {
    "model_type": "musicgen",
    "text_encoder": {"model_type": "t5"},
    "audio_encoder": {"model_type": "encodec"},
    "decoder": {"audio_channels": 2},
}
LORA = {"peft_type": "LORA", "base_model_name_or_path": "you/base", "r": 4}
CARD = b"---\nlicense: mit\n---\n"


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def put(hub: Any, name: str, kind: str = "model", private: bool = False, **files: Any) -> Repo:
    repo = hub.repos[kind, name] = Repo(kind, private)
    held = {file.replace("__", "."): value for file, value in files.items()}
    content = {file: json.dumps(value).encode() if isinstance(value, dict) else value for file, value in held.items()}
    repo.commit("first", {file: (hub.keep(value), len(value) > 10**6) for file, value in content.items()})
    return repo


def fetched(hub: Any) -> int:
    """Returns how many whole megabytes were sent."""
    return hub.sent // 1_000_000


TOKENIZER = {"tokenizer__json": {}}
STEM_CODECS = {f"compression_state_dict_{stem}__bin": LARGE for stem in ("bass", "drums", "other")}
SHARDS = {"model-00001-of-00002__safetensors": WHOLE, "model-00002-of-00002__safetensors": WHOLE}


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
            "no melody is heard",
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


def told_of(name: str) -> str:
    return "\n".join(inspect_weights(name).lines())


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
        ({"conditioners": {"self_wav": {"model": "style", "style": {}}}}, "wants style audio beside the text"),
        ({"lm_model": "transformer_lm_magnet"}, "is of the kind 'transformer_lm_magnet'"),
        ({"codebooks_pattern": {"modeling": "${oc.env:HF_TOKEN}"}}, "asks for something outside of the file"),
        ({"transformer_lm": {"dim": 262_144}}, "do not fit its xp.cfg"),
    ],
    ids=["plays", "style", "magnet", "secret", "absurd"],
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


def test_families_that_do_not_play_are_refused_by_name(hub):
    put(hub, "facebook/musicgen-style", state_dict__bin=LARGE, compression_state_dict__bin=LARGE)
    with pytest.raises(WeightsError, match="a style by a network that brings its own code"):
        locate("facebook/musicgen-style", "cpu", "beat")
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


def test_of_a_repository_of_pictures_the_one_file_is_fetched_whatever_its_name(hub):
    put(hub, "me/neon", **{"neon_v3__safetensors": LARGE, "README__md": CARD})
    assert (locate("me/neon", "cpu", "cover").folder / "neon_v3.safetensors").stat().st_size == len(LARGE)


def test_between_two_files_of_pictures_nothing_is_guessed_or_fetched(hub):
    put(hub, "me/many", **{"one__safetensors": LARGE, "two__safetensors": LARGE})
    with pytest.raises(WeightsError, match=r"it holds one\.safetensors, two\.safetensors"):
        locate("me/many", "cpu", "cover")
    assert fetched(hub) == 0


SDXL = {"_class_name": "StableDiffusionXLPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}


def put_pictures(hub: Any, name: str, index: dict[str, Any], *files: str) -> Repo:
    repo = put(hub, name, model_index__json=index, README__md=CARD)
    repo.commit("more", {**repo.commits[-1][2], **{file: (hub.keep(LARGE), True) for file in files}})
    return repo


@pytest.mark.parametrize(
    ("index", "files", "told"),
    [
        (SDXL, ("unet/a.safetensors",), "draws: draws covers, as SDXL"),
        (
            {**SDXL, "_class_name": "QwenImagePipeline"},
            ("unet/a.safetensors",),
            "draws: draws covers, as its own class",
        ),
        (SDXL, ("unet/a.bin",), "does not draw: its weights are pickles"),
        (SDXL, (), "does not draw: it has no weights"),
        ({**SDXL, "_class_name": "WanPipeline"}, ("unet/a.safetensors",), "does not draw: diffusers knows no pipeline"),
        ({**SDXL, "_class_name": "\x1b<b>"}, ("unet/a.safetensors",), "does not draw: diffusers knows no pipeline"),
        ({**SDXL, "unet": ["evil", "Net"]}, ("unet/a.safetensors",), "does not draw: it names code outside"),
    ],
)
def test_a_repository_of_pictures_is_told_with_class_size_and_licence(hub, index, files, told):
    put_pictures(hub, "me/art", index, *files)
    report = inspect_weights("me/art")
    lines = "\n".join(report.lines())
    assert told in lines
    assert "licence: mit" in lines
    assert not {"\x1b", "<"} & set(lines)
    assert report.bytes == (len(LARGE) if "does not" not in told else 0)
    assert fetched(hub) == 0
    if "does not" in told:
        with pytest.raises(WeightsError, match="refused before it was fetched"):
            locate("me/art", "cpu", "cover")
        assert fetched(hub) == 0


def test_adapters_of_pictures_are_told(hub):
    repo = put(hub, "me/styles", README__md=CARD)
    repo.commit("more", {"lora/kid-cudi/pytorch_lora_weights.safetensors": (hub.keep(LARGE), True)})
    assert inspect_weights("me/styles").verdict.format == "LoRAs of styles"
    put(hub, "me/neon", neon_v3__safetensors=LARGE)
    assert "draws on its base, if it is a LoRA" in "\n".join(inspect_weights("me/neon").lines())


@pytest.mark.parametrize("fits", [True, False])
def test_whether_an_adapter_of_pictures_fits_its_base_is_told_before_the_base_is_fetched(hub, tmp_path, fits):
    adapted("sdxl", lora(diffusers_unet) if fits else half, USUAL, True)(tmp_path / "art")
    files = [file for file in (tmp_path / "art").rglob("*") if file.is_file()]
    names = [file.relative_to(tmp_path / "art").as_posix() for file in files]
    put(hub, "me/art", **{name: file.read_bytes() for name, file in zip(names, files, strict=True)})
    put(
        hub,
        "me/lora",
        **{USUAL: (tmp_path / ADAPTER / USUAL).read_bytes()},
        README__md=b"---\nbase_model: me/art\n---\n",
    )
    if fits:
        assert set(locate_cover("me/lora", "cpu").adapters) == {"every"}
        assert fetched(hub) == 1
    else:
        with pytest.raises(WeightsError, match="8 of its 16 tensors have no place in me/art"):
            locate_cover("me/lora", "cpu")
        assert fetched(hub) == 0


def test_a_cover_that_cannot_be_had_is_told_as_what_it_is(hub):
    put_pictures(hub, "you/art-xl", SDXL, "unet/a.safetensors")
    put(hub, "you/app", kind="space")
    put_pictures(hub, "you/gated", SDXL, "unet/a.safetensors").gated = True
    for name, told in {
        "you/art-x": r"did you mean you/art-xl\?",
        "you/app": "is a Space",
        "you/gated": "is gated: accept its terms",
    }.items():
        with pytest.raises(WeightsError, match=told):
            locate(name, "cpu", "cover")


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
