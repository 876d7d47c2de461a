"""Adapters that PEFT saved, on bases of either format: what PEFT itself makes of them, or one true line."""

from __future__ import annotations

import json
import shutil
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_models import DARK, UNLOADED, as_if_trained, load, refusal, save_model

from benchmarks.transformers_models import make_model, own_tokens, save, their_tokens
from typebeat.engines import WeightsError

CAPTION = "dark bells over a slow 808"
COMMUNITY = {
    "r": 4,
    "lora_alpha": 12,
    "target_modules": ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2", "embed_tokens.0", "embed_tokens.1",
                       "lm_heads.0", "lm_heads.3", "enc_to_dec_proj"],
}  # fmt: skip


def adapt(model: Any, base: str, folder: Path, seed: int = 1, **options: Any) -> Any:
    """Adapts a model by PEFT with random weights and saves the adapter as people push it; returns PEFT's model."""
    import torch
    from peft import LoraConfig, get_peft_model

    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        adapted = get_peft_model(model, LoraConfig(**{**COMMUNITY, **options}))
        as_if_trained(adapted, seed)
        adapted.peft_config["default"].base_model_name_or_path = base
        adapted.save_pretrained(folder)
    return adapted


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a base and two adapters of it, one with ranks and alphas of its own."""
    place = tmp_path_factory.mktemp("adapters")
    save(place / "base", make_model())
    adapt(make_model(), "base", place / "first", seed=1)
    patterns = {"rank_pattern": {"fc1": 2, "layers.0.self_attn.q_proj": 3}, "alpha_pattern": {"out_proj": 7}}
    adapt(make_model(), "base", place / "second", seed=2, use_rslora=True, **patterns)
    return place


@pytest.fixture
def copy(place: Path, tmp_path: Path) -> Path:
    shutil.copytree(place, tmp_path / "copy")
    return tmp_path / "copy"


def merged(adapter: Path) -> Any:
    from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PeftModel.from_pretrained(make_model(), adapter).merge_and_unload()


@pytest.mark.parametrize("name", ["first", "second"])
def test_tokens_are_those_of_peft_and_transformers(place, name):
    from typebeat.engines.beat.loading import load_models

    theirs, _ = their_tokens(merged(place / name), CAPTION, 40)
    own, _ = own_tokens(load_models(place / name, "cpu"), CAPTION, theirs.shape[-1])
    base, _ = own_tokens(load_models(place / "base", "cpu"), CAPTION, theirs.shape[-1])
    assert own.tolist() == theirs.tolist()
    assert own.tolist() != base.tolist()


def test_adapters_switch_on_one_base_exactly_and_by_strength(place):
    import torch

    from typebeat.engines.beat.adapters import AdapterSlot, read_adapter
    from typebeat.engines.beat.loading import load_models

    lm = load_models(place / "base", "cpu").lm
    base = {name: tensor.clone() for name, tensor in lm.state_dict().items()}
    slot = AdapterSlot(lm)
    first, second = (read_adapter(place / name, lm) for name in ("first", "second"))
    seen = []
    for adapter, strength in ((first, 1.0), (second, 1.0), (first, 1.0), (first, 0.5), (first, 0.0), (None, 1.0)):
        slot.put(adapter, strength)
        seen.append({name: tensor.clone() for name, tensor in lm.state_dict().items()})
    assert all(torch.equal(seen[0][name], seen[2][name]) for name in base)
    assert not all(torch.equal(seen[0][name], seen[1][name]) for name in base)
    for left in seen[4:]:
        assert all(torch.equal(left[name], base[name]) for name in base)
    for name in base:
        torch.testing.assert_close(seen[3][name], (seen[0][name] + base[name]) / 2, atol=1e-6, rtol=1e-5)


def test_an_engine_switches_adapters_between_requests(place):
    from typebeat.engines.beat.adapters import read_adapter

    engine, alone = load(place / "base"), load(place / "first")
    before = engine.generate(DARK, 0.4, [1])[0].samples
    engine.put_adapter(read_adapter(place / "first", engine._lm))
    assert engine.generate(DARK, 0.4, [1])[0].samples.tolist() == alone.generate(DARK, 0.4, [1])[0].samples.tolist()
    engine.put_adapter(None)
    assert engine.generate(DARK, 0.4, [1])[0].samples.tolist() == before.tolist()
    assert alone.weights.revision != engine.weights.revision


@pytest.mark.parametrize("precision", ["fp32", "int8", "fp16 weights"])
def test_an_engine_keeps_no_second_copy_of_its_layers_till_an_adapter_comes(place, monkeypatch, precision):
    from typebeat.engines.beat import musicgen

    monkeypatch.setattr(musicgen, "best_precision", lambda dtype, device: precision)
    engine, whole = musicgen.load_musicgen(place / "base", UNLOADED), load(place / "base")
    layers = engine._lm.transformer.layers
    assert all(weight.is_meta for weight in layers.parameters())
    usual = whole.generate(DARK, 0.4, [1])[0].samples.tolist()
    assert engine.generate(DARK, 0.4, [1])[0].samples.tolist() == usual
    engine.put_adapter(engine.read_adapter(place / "first"))
    whole.put_adapter(whole.read_adapter(place / "first"))
    adapted = engine.generate(DARK, 0.4, [1])[0].samples.tolist()
    assert adapted == whole.generate(DARK, 0.4, [1])[0].samples.tolist() != usual
    engine.put_adapter(None)
    assert engine.generate(DARK, 0.4, [1])[0].samples.tolist() == usual


def test_an_adapter_of_training_fits_its_base_in_audiocrafts_format(tmp_path):
    import torch

    from training.beat.lora import add_lora, merge
    from typebeat.engines.beat.adapters import AdapterSlot, read_adapter
    from typebeat.engines.beat.loading import load_models

    lm = load_models(save_model(tmp_path / "base"), "cpu").lm
    adapted = add_lora(lm, 4, 8, "base", 0, torch.float32)
    as_if_trained(adapted, seed=3)
    adapted.save_pretrained(tmp_path / "adapter")
    expected = merge(adapted).state_dict()
    other = load_models(tmp_path / "base", "cpu").lm
    AdapterSlot(other).put(read_adapter(tmp_path / "adapter", other))
    for name, tensor in other.state_dict().items():
        torch.testing.assert_close(tensor, expected[name], atol=1e-6, rtol=1e-5)
    assert load(tmp_path / "adapter").generate(DARK, 0.2, [1])[0].length


def test_an_adapters_licence_is_its_own_unless_its_bases_forbids_more(copy):
    (copy / "first" / "README.md").write_text("---\nlicense: mit\n---\n")
    assert load(copy / "first").weights.licence == "unknown"
    for base, licence in (("cc-by-nc-4.0", "cc-by-nc-4.0"), ("apache-2.0", "mit")):
        (copy / "base" / "README.md").write_text(f"---\nlicense: {base}\n---\n")
        assert load(copy / "first").weights.licence == licence


def test_an_adapters_base_is_told_by_name_and_revision(place):
    base = load(place / "base").weights
    assert base.base == ""
    assert load(place / "first").weights.base == f"base@{base.revision}"


def change(adapter: Path, **fields: Any) -> Path:
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))
    return adapter


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"peft_type": "LOHA"}, "of the kind 'LOHA'"),
        ({"use_dora": True}, "has use_dora"),
        ({"bias": "all"}, "has bias"),
        ({"modules_to_save": ["lm_heads"]}, "has modules_to_save"),
        ({"init_lora_weights": "pissa"}, "has init_lora_weights"),
        ({"r": 5}, "is of rank 4, its config says 5"),
        ({"r": "\x1b<b>"}, "its rank or alpha is"),
        ({"r": 0}, "its rank or alpha is 0"),
        ({"rank_pattern": {"(a+)+$": 4}}, "no plain name"),
        ({"rank_pattern": {"fc1": 3}}, "is of rank 4, its config says 3"),
        ({"base_model_name_or_path": None}, "does not name the base"),
        ({"base_model_name_or_path": "/etc"}, "names no base that can be looked for"),
        ({"base_model_name_or_path": "../base"}, "names no base that can be looked for"),
        ({"base_model_name_or_path": "\x1b[31m<b>"}, "names no base that can be looked for"),
        ({"base_model_name_or_path": "first"}, "is an adapter too"),
    ],
    ids=str,
)
def test_more_than_plain_lora_other_ranks_and_strange_bases_are_refused(copy, fields, told):
    message = refusal(change(copy / "first", **fields))
    assert told in message
    assert not {"\x1b", "<"} & set(message)


def test_an_adapter_of_another_base_or_a_broken_one_is_refused_with_the_count(copy, tmp_path):
    from safetensors.torch import load_file, save_file

    file = copy / "first" / "adapter_model.safetensors"
    whole = load_file(file)
    save_file({name: tensor for name, tensor in whole.items() if "fc1.lora_B" not in name}, file)
    assert "2 of its " in refusal(copy / "first")
    save_file({**whole, "base_model.model.unet.x.lora_A.weight": whole[next(iter(whole))].clone()}, file)
    assert "1 of its " in refusal(copy / "first")
    once = next(iter(whole))
    save_file({**whole, once.replace(".weight", ".default.weight"): whole[once].clone()}, file)
    assert "1 of its " in refusal(copy / "first")  # which of the two is meant, nobody can tell
    save_file(whole, file)
    file.write_bytes(file.read_bytes()[:-9])
    assert "adapter_model.safetensors is truncated" in refusal(copy / "first")
    file.unlink()
    assert "adapter_model.safetensors is missing" in refusal(copy / "first")
    save(copy / "other", make_model(layers=1))
    assert "have no place in the base" in refusal(change(copy / "second", base_model_name_or_path="other"))


def test_a_base_on_a_hub_that_does_not_answer_is_no_broken_adapter(copy, monkeypatch):
    from typebeat.engines import HubUnreachableError, locate

    def unreachable(*_: Any, **__: Any) -> Path:
        raise HubUnreachableError("the Hub could not be reached")

    monkeypatch.setattr(locate, "fetch", unreachable)
    change(copy / "first", base_model_name_or_path="facebook/musicgen-small")
    with pytest.raises(WeightsError, match="could not be reached"):
        load(copy / "first")


def test_strength_is_a_wish_of_each_request(place):
    engine, base = load(place / "first"), load(place / "base")
    full = engine.generate(DARK, 0.4, [1])[0].samples
    off = engine.generate(replace(DARK, adapter_strength=0.0), 0.4, [1])[0].samples
    assert off.tolist() == base.generate(DARK, 0.4, [1])[0].samples.tolist()
    assert engine.generate(DARK, 0.4, [1])[0].samples.tolist() == full.tolist()
    assert full.tolist() != off.tolist()


def test_requests_of_other_strengths_at_once_get_what_they_get_alone(place):
    engine = load(place / "first")
    wishes = [replace(DARK, adapter_strength=strength) for strength in (0.0, 1.0, 0.5, 1.0, 0.0, 0.5)]
    alone = [engine.generate(wish, 0.4, [1])[0].samples.tobytes() for wish in wishes]
    with ThreadPoolExecutor(len(wishes)) as crowd:
        together = list(crowd.map(lambda wish: engine.generate(wish, 0.4, [1])[0].samples.tobytes(), wishes))
    assert together == alone
    assert len(set(alone)) == 3


def test_the_shelf_switches_adapters_of_one_base_without_loading_it_again(place, monkeypatch):
    from typebeat.engines import Weights
    from typebeat.engines.beat import shelf
    from typebeat.engines.beat.musicgen import load_musicgen

    def loaded(choice):
        folder = Path(choice)
        return load_musicgen(folder, Weights(folder.name, "folder", "", "", "cpu", ""))

    names = {name: str(place / name) for name in ("base", "first", "second")}
    alone = {name: loaded(choice) for name, choice in names.items()}
    monkeypatch.setattr(shelf, "load_beat_engine", lambda choice: pytest.fail(f"{choice} was loaded again"))
    beat = shelf.BeatShelf(loaded(names["first"]), names["first"], list(names.values()))
    for name in ("second", "base", "first"):
        weights = beat.switch(names[name])
        assert (weights.name, weights.revision) == (name, alone[name].weights.revision)
        assert weights.base == alone[name].weights.base
        assert (beat.choice, beat.weights) == (names[name], weights)
        sound = beat.generate(DARK, 0.4, [1])[0].samples
        assert sound.tolist() == alone[name].generate(DARK, 0.4, [1])[0].samples.tolist()
