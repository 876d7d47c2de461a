"""Cover models are loaded from folders and the Hub: who stands in where one is missing, and what must be refused."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from fakes import FakeEngine

from benchmarks.tiny_covers import save_lora, save_tiny
from typebeat.engines import HubUnreachableError, Weights, WeightsError, locate
from typebeat.engines.cover.files import locate_cover
from typebeat.engines.cover.loading import load_cover
from typebeat.engines.cover.naming import ADAPTER_FILE
from typebeat.engines.load import load_engines
from typebeat.request.settings import Settings

SD = Weights("sd", "folder", "", "", "cpu", "")
STYLE, OTHER = "kid-cudi", "don-toliver"


@pytest.fixture(scope="module")
def sd(tmp_path_factory):
    base = save_tiny(tmp_path_factory.mktemp("base") / "sd")
    save_lora(base / "lora" / STYLE, base, stated="sd")
    return base


@pytest.fixture
def folder(sd, tmp_path):
    return Path(shutil.copytree(sd, tmp_path / "sd"))


def test_a_model_that_does_not_fit_into_memory_costs_nobody_the_beats(sd, monkeypatch):
    from diffusers import DiffusionPipeline

    def to(pipe, device):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    monkeypatch.setattr(DiffusionPipeline, "to", to)
    with pytest.raises(WeightsError, match="memory of this cpu does not suffice for sd"):
        load_cover(sd, SD, {})


def test_what_is_loaded_is_told(sd):
    (sd / "README.md").write_text("---\nlicense: mit\n---\n")
    told = load_cover(sd, SD, {STYLE: sd / "lora" / STYLE}).weights
    assert (told.name, told.licence, told.precision) == ("sd", "mit", "fp32")
    assert len(told.revision) == 12


@pytest.fixture
def starter(sd, monkeypatch):
    monkeypatch.setitem(locate.STARTERS, "cover", sd)
    return sd


@pytest.fixture
def offline(monkeypatch):
    def unreachable(repo, revision, patterns):
        raise HubUnreachableError(f"the Hub could not be reached for {repo}@{revision}")

    monkeypatch.setattr(locate, "fetch", unreachable)


@pytest.mark.parametrize("choice", ["auto", "", "starter"])
def test_without_a_cuda_device_the_starter_draws(choice, starter, offline):
    located = locate_cover(choice, "cpu")
    assert (located.folder, located.weights.source, located.weights.notice) == (starter, "starter", "")
    assert set(located.adapters) == {STYLE}


@pytest.mark.parametrize(("choice", "device"), [("auto", "cuda"), ("me/covers@v1", "cpu")])
def test_when_the_hub_is_silent_the_starter_draws_and_says_so(choice, device, starter, offline):
    located = locate_cover(choice, device)
    assert located.weights.source == "starter"
    assert "could not be reached" in located.weights.notice


def test_a_hub_repository_brings_its_adapters_and_half_precision_files_are_enough(sd, monkeypatch, tmp_path):
    asked = []

    def fetch(repo, revision, patterns):
        asked.append((repo, revision, tuple(patterns)))
        return sd

    monkeypatch.setattr(locate, "pin", lambda repo, revision, *_: revision)
    monkeypatch.setattr(locate, "fetch", fetch)
    located = locate_cover("me/covers@v1", "cuda")
    assert {repo for repo, _, _ in asked} == {"me/covers"}
    assert (located.weights.name, located.weights.revision) == ("me/covers", "v1")
    assert "unet/*.fp16.safetensors" in asked[1][2]
    assert "unet/*.safetensors" in asked[2][2]  # this one has no files in half precision
    assert set(located.adapters) == {STYLE}


def test_adapters_alone_bring_the_base_that_they_name(sd, tmp_path):
    alone = sd.parent / "adapters"
    save_lora(alone / "lora" / OTHER, sd, stated="sd")
    located = locate_cover(str(alone), "cpu")
    assert located.folder == sd
    engine = load_cover(located.folder, located.weights, located.adapters)
    assert engine.styles == {STYLE, OTHER}
    (alone / "lora" / OTHER / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(alone)}))
    with pytest.raises(WeightsError, match="which is no repository"):
        locate_cover(str(alone), "cpu")


def test_a_broken_cover_model_stops_the_app_only_if_it_was_named(monkeypatch, tmp_path):
    monkeypatch.setitem(locate.STARTERS, "cover", tmp_path / "nothing")
    monkeypatch.setattr("typebeat.engines.load.load_beat_engine", lambda choice: FakeEngine())
    engines = load_engines(Settings())
    assert engines.cover is None
    assert "missing" in engines.missing["cover"]
    assert any(notice.startswith("no cover: ") for notice in engines.notices)
    with pytest.raises(WeightsError):
        load_engines(Settings(cover="starter"))
    assert load_engines(Settings(), parts=("beat",)).missing == {}


# --- files that must be refused ---


def refusal(folder, adapters=None):
    with pytest.raises(WeightsError) as error:
        load_cover(folder, SD, adapters or {})
    assert "\n" not in str(error.value)
    return str(error.value)


def test_an_adapter_that_names_another_base_is_refused_with_both_names(folder, tmp_path):
    lora = save_lora(tmp_path / "lora", folder, stated="stabilityai/stable-diffusion-xl-base-1.0")
    told = refusal(folder, {STYLE: lora})
    assert "stabilityai/stable-diffusion-xl-base-1.0" in told
    assert "loaded is sd" in told


def test_an_adapter_of_another_shape_is_refused_though_it_names_no_base(folder, tmp_path):
    other = save_tiny(tmp_path / "sdxl", "sdxl")
    lora = save_lora(tmp_path / "lora", other, "sdxl")
    assert "does not fit sd" in refusal(folder, {STYLE: lora})


def test_a_truncated_adapter_is_refused(folder):
    file = folder / "lora" / STYLE / ADAPTER_FILE
    file.write_bytes(file.read_bytes()[:-100])
    assert "truncated" in refusal(folder, {STYLE: file.parent})


@pytest.mark.parametrize("name", [ADAPTER_FILE, "pytorch_lora_weights.bin"])
def test_a_pickle_is_refused_and_never_run(folder, name):
    lora = folder / "lora" / STYLE
    (lora / ADAPTER_FILE).unlink()
    ran = folder / "ran"
    (lora / name).write_bytes(pickle.dumps(_Touches(ran)))
    told = refusal(folder, {STYLE: lora})
    assert "no safetensors" in told or "pickle" in told
    assert not ran.exists()


class _Touches:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pipeline_of_pickles_is_refused(folder):
    for file in folder.glob("*/*.safetensors"):
        file.rename(file.with_suffix(".bin"))
    assert "only pickles" in refusal(folder)


def test_a_pipeline_that_names_foreign_code_is_refused(folder):
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "unet": ["my_module", "MyUnet"]}))
    assert "refused" in refusal(folder)


@pytest.mark.parametrize("content", ["{", "[]", '{"_class_name": "Nothing", "unet": ["diffusers", "Nothing"]}'])
def test_a_broken_index_is_told_in_one_line(folder, content):
    (folder / "model_index.json").write_text(content)
    assert refusal(folder)


def test_a_truncated_base_is_refused(folder):
    file = next(folder.glob("unet/*.safetensors"))
    file.write_bytes(file.read_bytes()[:-100])
    assert "truncated" in refusal(folder)


def test_an_empty_folder_is_refused(tmp_path):
    assert "no diffusers folder" in refusal(tmp_path)
