"""LoRAs of covers go to the Hub with a card, come back and draw in the app; what has learnt nothing is not pushed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hub_routes import READ_TOKEN
from huggingface_hub import HfApi
from PIL import Image
from safetensors.torch import load_file, save_file

from benchmarks import tiny_covers
from training import push_covers as push_module
from training.beat.export import ExportError
from training.hub.folders import FACTS, HubError, push_dataset
from training.prepare_covers import CoverOptions, prepare
from training.push_covers import PushCoversOptions, push_covers
from training.runs.errors import TrainingError
from training.runs.options import OptionsError
from training.runs.run_record import read_run
from training.train_cover_lora import CoverLoraOptions, train_cover_lora
from typebeat.engines import WeightsError
from typebeat.engines.cover.naming import ADAPTER_CONFIG, ADAPTER_FILE
from typebeat.engines.load import load_cover_engine
from typebeat.parts.cover import draw_covers
from typebeat.request.cover_request import CoverRequest
from typebeat.request.settings import read_settings

BASE = "me/tiny"
MADE_STYLES = ("travis-scott", "kid-cudi", "don-toliver")


def silent(_line: str) -> None:
    pass


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Prepared pictures, three of each style, one of which is for validation."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, style in enumerate(MADE_STYLES * 3):
        coarse = np.random.default_rng(number).integers(0, 255, (6, 8, 3), np.uint8)
        path = folder / "raw" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(coarse).resize((160, 160), Image.Resampling.BICUBIC).save(path)
        told = {"licence": "cc0-1.0", "source": "drawn by code", "style": style, "mood": ["dreamy"]}
        path.with_suffix(".json").write_text(json.dumps({**told, "creator": "Bo" if number < 3 else "Ada"}))
    options = CoverOptions(source=str(folder / "raw"), out=folder / "set", side=128, validation_share=1 / 3)
    return prepare(options, silent).folder


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_covers.save_tiny(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def on_the_hub(hub, base):
    """The Hub, which holds the base."""
    HfApi().create_repo(BASE)
    HfApi().upload_folder(repo_id=BASE, folder_path=base)
    return hub


def trained(data, base, out, style, **changes):
    wanted = {"steps": 2, "batch": 2, "micro_batch": 2, "warmup_steps": 1, "check_every": 1, "lr": 0.05, "rank": 4}
    wanted |= {"side": tiny_covers.SIDE, "grid_prompts": 0, "cache": out.parent / "cache", **changes}
    train_cover_lora(CoverLoraOptions(data=data, base=base, style=style, out=out, **wanted), silent)
    return out


@pytest.fixture(scope="module")
def made(data, base, tmp_path_factory):
    """Runs of two styles, trained on a folder that the Hub's base is a copy of, and so told to be of it."""
    folder = tmp_path_factory.mktemp("runs")
    grids = {"kid-cudi": 1, "don-toliver": 0}
    for style, grid_prompts in grids.items():
        run = trained(data, str(base), folder / style, style, grid_prompts=grid_prompts)
        replace(read_run(run), base=BASE).write(run)
        config = run / "adapter" / ADAPTER_CONFIG
        config.write_text(config.read_text().replace('"tiny"', f'"{BASE}"'))
    return folder


@pytest.fixture
def runs(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "runs"))


def options(runs, *styles, **changes):
    wanted = {"runs": tuple(str(runs / style) for style in styles or ("kid-cudi", "don-toliver"))}
    return PushCoversOptions(**{**wanted, "repo": "me/covers", "tag": "v1", "contact": "ada@example.com", **changes})


def test_adapters_that_were_trained_from_the_hub_are_pushed_and_the_app_draws_with_them(on_the_hub, data, tmp_path):
    run, said = trained(data, BASE, tmp_path / "run", "kid-cudi"), []
    pushed = push_covers(options(tmp_path, "run"), said.append)
    assert "it draws the same" in said[-1]
    assert on_the_hub.repos["model", "me/covers"].tags == {"v1": pushed.commit}
    held = on_the_hub.repos["model", "me/covers"].files("v1")
    assert f"lora/kid-cudi/{ADAPTER_FILE}" in held
    assert not [path for path in held if path.startswith("unet")], "the base is not copied"
    engine = load_cover_engine(read_settings({"TYPEBEAT_COVER": pushed.name}).cover)
    assert (engine.weights.name, engine.styles) == (BASE, {"kid-cudi"})
    assert "adapters of me/covers" in engine.weights.notice
    (with_it,), (without,) = (
        draw_covers(CoverRequest("red moon", "kid-cudi", seed=3, title="none", strength=strength).resolved(), engine)
        for strength in (1.0, 0.0)
    )
    assert with_it.png != without.png
    mine = load_file(run / "adapter" / ADAPTER_FILE)
    theirs = on_the_hub.read("me/covers", f"lora/kid-cudi/{ADAPTER_FILE}", "v1")
    (tmp_path / "theirs.safetensors").write_bytes(theirs)
    assert all((tensor == mine[name]).all() for name, tensor in load_file(tmp_path / "theirs.safetensors").items())


def test_the_card_tells_the_facts_of_all_runs(on_the_hub, runs, data):
    push_dataset(data, "me/pictures", "v3")
    push_covers(options(runs), silent)
    card = on_the_hub.read("me/covers", "README.md", "v1").decode()
    _, front, body = card.split("---\n", 2)
    told = yaml.safe_load(front)
    assert (told["base_model"], told["base_model_relation"], told["library_name"]) == (BASE, "adapter", "diffusers")
    assert told["datasets"] == ["me/pictures"]
    (result,) = told["model-index"][0]["results"]
    losses = [metric["value"] for metric in result["metrics"]]
    assert losses == [read_run(runs / style).loss_after for style in ("kid-cudi", "don-toliver")]
    for words in ("cc0-1.0", "| kid-cudi |", "| don-toliver |", "ada@example.com", "kid-cudi_after.png", "affiliated"):
        assert words in body, words
    assert "don-toliver_after.png" not in body, "it drew none"
    assert on_the_hub.read("me/covers", "pictures/kid-cudi_after.png", "v1")[:4] == b"\x89PNG"
    facts = json.loads(on_the_hub.read("me/covers", FACTS, "v1"))
    assert facts["runs"]["kid-cudi"]["step"] == 2
    assert str(runs) not in json.dumps(facts)


def without_learning(run: Path) -> None:
    file = run / "adapter" / ADAPTER_FILE
    save_file({name: tensor * ("lora_B" not in name) for name, tensor in load_file(file).items()}, file)


def unlike(run: Path, **changes) -> None:
    replace(read_run(run), **changes).write(run)


@pytest.mark.parametrize(
    ("spoil", "kind", "told"),
    [
        (without_learning, ExportError, "changes nothing, every lora_B of it is zero"),
        (lambda run: (run / "adapter" / ADAPTER_FILE).write_bytes(b"torn"), ExportError, "truncated"),
        (lambda run: (run / "adapter" / ADAPTER_FILE).unlink(), ExportError, "missing"),
        (lambda run: unlike(run, stopped=""), TrainingError, "is not finished"),
        (lambda run: unlike(run, kind="beat"), TrainingError, r"training\.push takes it"),
        (lambda run: unlike(run, base_revision="0" * 12), TrainingError, "have different bases"),
        (lambda run: unlike(run, options={"style": "phonk"}), TrainingError, "the app has a place for travis-scott"),
        (lambda run: unlike(run, options={"style": ""}), TrainingError, "pictures of all styles"),
        (lambda run: unlike(run, options={"style": "don-toliver"}), TrainingError, "are both for don-toliver"),
        (lambda run: unlike(run, dataset="nowhere"), HubError, "only what a step of training/ wrote"),
    ],
)
def test_what_must_not_be_pushed_is_refused_and_nothing_is_sent(on_the_hub, runs, spoil, kind, told):
    spoil(runs / "kid-cudi")
    with pytest.raises(kind, match=told):
        push_covers(options(runs), silent)
    assert ("model", "me/covers") not in on_the_hub.repos


def test_an_adapter_of_a_folder_that_others_do_not_have_is_not_pushed(on_the_hub, runs):
    unlike(runs / "kid-cudi", base="tiny")
    with pytest.raises(TrainingError, match="is a folder of this machine; push it first"):
        push_covers(options(runs, "kid-cudi"), silent)


def test_an_adapter_with_which_the_app_draws_what_its_base_draws_is_refused(on_the_hub, runs, monkeypatch):
    monkeypatch.setattr(push_module, "refuse_empty_adapter", lambda _: None)
    without_learning(runs / "kid-cudi")
    with pytest.raises(ExportError, match="the adapter for kid-cudi draws what its base draws"):
        push_covers(options(runs), silent)
    assert ("model", "me/covers") not in on_the_hub.repos


def test_without_rights_nothing_is_made(on_the_hub, runs, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", READ_TOKEN)
    with pytest.raises(HubError, match="may only read"):
        push_covers(options(runs), silent)
    assert ("model", "me/covers") not in on_the_hub.repos


def test_what_comes_back_and_draws_otherwise_is_told(on_the_hub, runs, monkeypatch, tmp_path):
    real = push_module.pull

    def other(name, cache):
        back = shutil.copytree(real(name, cache=cache), tmp_path / "back")
        file = back / "lora" / "kid-cudi" / ADAPTER_FILE
        save_file({name: tensor * 2 for name, tensor in load_file(file).items()}, file)
        return back

    monkeypatch.setattr(push_module, "pull", other)
    with pytest.raises(TrainingError, match="draws something else than what was pushed"):
        push_covers(options(runs, "kid-cudi"), silent)


def test_no_run_is_no_push():
    with pytest.raises(OptionsError, match="no run is given"):
        PushCoversOptions(runs=(), repo="me/covers", tag="v1")


def test_an_adapter_of_another_version_of_its_base_is_refused(data, base, made, tmp_path):
    folder = Path(shutil.copytree(base, tmp_path / "tiny"))
    adapter = folder / "lora" / "kid-cudi"
    shutil.copytree(made / "kid-cudi" / "adapter", adapter)
    config = adapter / ADAPTER_CONFIG
    config.write_text(config.read_text().replace(BASE, "tiny"))
    assert load_cover_engine(str(folder)).styles == {"kid-cudi"}
    (unet,) = folder.glob("unet/*.safetensors")
    save_file({name: tensor * 1.01 for name, tensor in load_file(unet).items()}, unet, {"format": "pt"})
    with pytest.raises(WeightsError, match=r"is an adapter for the version [0-9a-f]{12} of tiny, the one"):
        load_cover_engine(str(folder))
