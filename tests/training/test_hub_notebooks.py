"""Notebooks 1, 3 and 4 run from top to bottom on small parameters against a loopback Hub, which holds the result."""

from __future__ import annotations

import json

import nbformat
import pytest
import tiny_models
from beat_folder import write_beats
from huggingface_hub import HfApi
from notebook_runs import execute

from benchmarks import tiny_covers, tiny_data
from training.data.records import SPLITS, CoverImage, read_split
from training.finetune_musicgen import FinetuneOptions, finetune
from training.hub.dataset_card import write_cover_card
from training.hub.folders import FACTS


def shown(notebook: nbformat.NotebookNode) -> str:
    return json.dumps([cell.get("outputs", []) for cell in notebook.cells])


@pytest.fixture(autouse=True)
def small_and_without_a_screen(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # more only slow down what is this small


def test_beats_are_prepared_and_pushed_and_what_is_pushed_is_learnt_from_played_and_pushed(hub, tmp_path):
    # notebook 1: a folder to a dataset on the Hub
    beats, data = write_beats(tmp_path / "beats", 2), tmp_path / "set"
    first = execute("1_prepare_beats", source=str(beats), out=str(data), validation_share=1 / 3, push_to="me/set")
    assert [clip.creator for clip in read_split(data, "validation")] == ["Bo"]
    assert hub.repos["dataset", "me/set"].tags.keys() == {"v1"}
    assert json.loads(hub.read("me/set", FACTS, "v1", "dataset"))["tracks"] == 2
    assert "image/png" in shown(first)
    assert shown(first).count("<audio") == 2
    # what notebook 2 does, on two steps
    base = tiny_models.save_model(tmp_path / "base")
    options = {"steps": 2, "batch": 2, "micro_batch": 2, "warmup_steps": 1, "check_every": 1, "samples": 0, "lr": 0.01}
    run = tmp_path / "run"
    finetune(
        FinetuneOptions(data=data, out=run, base=str(base), rank=4, cache=tmp_path / "cache", **options), lambda _: None
    )
    # notebook 4: figures, the Hub, and a beat by the app's pipeline from what came back
    last = execute("4_evaluate_and_push", run=str(run), beats=2, repo="me/beats", tag="v1")
    assert hub.repos["model", "me/beats"].tags.keys() == {"v1"}
    assert "it makes the same beat" in shown(last)
    assert "me/beats" in shown(last)
    assert "validation loss" in shown(last)
    card = hub.read("me/beats", "README.md", "v1").decode()
    assert "\ndatasets:\n- me/set\n" in card
    (pack,) = (run / "packs").glob("*/recipe.json")
    assert json.loads(pack.read_text())["weights"]["beat"]["name"] == "me/beats"


def test_a_lora_is_trained_on_a_base_of_the_hub_and_pushed_there(hub, tmp_path):
    data = tiny_data.save_pictures(tmp_path / "covers")
    pictures = [picture for split in SPLITS for picture in read_split(data, split, CoverImage)]
    told = {"refused": {}, "skipped": {}, "duplicates": {}, "notes": [], "contact": "", "typebeat": "0"}
    write_cover_card(data, {**told, "split_by": "creator", "validation_share": 0.25}, pictures)
    HfApi().create_repo("me/tiny")
    HfApi().upload_folder(repo_id="me/tiny", folder_path=tiny_covers.save_tiny(tmp_path / "base"))
    changes = {
        "steps": 2,
        "batch": 2,
        "micro_batch": 2,
        "warmup_steps": 1,
        "check_every": 1,
        "base": "me/tiny",
        "rank": 4,
    }
    changes |= {
        "cache": str(tmp_path / "cache"),
        "grid_prompts": 1,
        "side": tiny_data.SIDE,
        "ema_decay": 0.0,
        "lr": 0.01,
    }
    given = {"data": str(data), "style": "kid-cudi", "out": str(tmp_path / "run"), "changes": changes}
    last = execute("3_train_cover_lora", **given, repo="me/covers")
    assert hub.repos["model", "me/covers"].tags.keys() == {"v1"}
    assert "pulled again, and it draws the same" in shown(last)
    assert "image/png" in shown(last)
