"""The notebooks of training/ run from top to bottom on small parameters, against a loopback Hub that holds the result.

Each asserts on its own results, so a run without an error is more than a run.
"""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
import tiny_models
from beat_folder import write_beats
from huggingface_hub import HfApi
from notebook_runs import execute

from benchmarks import tiny_covers, tiny_data
from training.data.records import SPLITS, CoverImage, read_split
from training.hub.dataset_card import write_cover_card
from training.hub.folders import FACTS

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "training").glob("[0-9]_*.ipynb"))
FEW_STEPS = {"steps": 2, "batch": 2, "micro_batch": 2, "warmup_steps": 1, "check_every": 1, "rank": 4, "lr": 0.01}


def test_what_is_prepared_and_pushed_is_learnt_from_played_and_pushed_and_so_is_a_lora_of_covers(
    hub, tmp_path, monkeypatch
):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # more only slow down what is this small
    beats, data, run = write_beats(tmp_path / "beats", 2), tmp_path / "set", tmp_path / "run"
    base = tiny_models.save_model(tmp_path / "base")
    pictures = tiny_data.save_pictures(tmp_path / "covers")
    push_cover_base(pictures, tmp_path / "tiny")
    caches = {"cache": str(tmp_path / "cache")}
    learning = {**FEW_STEPS, **caches, "base": str(base), "samples": 1}
    drawing = {**FEW_STEPS, **caches, "base": "me/tiny", "grid_prompts": 1, "side": tiny_data.SIDE, "ema_decay": 0.0}
    prepared, _, pushed, drawn = execute(
        (
            "1_prepare_beats",
            {"source": str(beats), "out": str(data), "validation_share": 1 / 3, "push_to": "me/set"},
        ),
        ("2_finetune_musicgen", {"data": str(data), "out": str(run), "changes": learning}),
        ("4_evaluate_and_push", {"run": str(run), "beats": 2, "repo": "me/beats", "tag": "v1"}),
        (
            "3_train_cover_lora",
            {
                "data": str(pictures),
                "style": "kid-cudi",
                "out": str(tmp_path / "lora"),
                "changes": drawing,
                "repo": "me/covers",
            },
        ),
    )
    # 1: a folder is a dataset on the Hub
    assert [clip.creator for clip in read_split(data, "validation")] == ["Bo"]
    assert hub.repos["dataset", "me/set"].tags.keys() == {"v1"}
    assert json.loads(hub.read("me/set", FACTS, "v1", "dataset"))["tracks"] == 2
    assert "image/png" in prepared
    assert prepared.count("<audio") == 2
    # 4: figures, the Hub, and a beat by the app's pipeline from what came back
    assert hub.repos["model", "me/beats"].tags.keys() == {"v1"}
    assert "it makes the same beat" in pushed
    assert "me/beats" in pushed
    assert "validation loss" in pushed
    card = hub.read("me/beats", "README.md", "v1").decode()
    assert "\ndatasets:\n- me/set\n" in card
    (pack,) = (run / "packs").glob("*/recipe.json")
    assert json.loads(pack.read_text())["weights"]["beat"]["name"] == "me/beats"
    # 3: a LoRA on a base of the Hub
    assert hub.repos["model", "me/covers"].tags.keys() == {"v1"}
    assert "pulled again, and it draws the same" in drawn
    assert "image/png" in drawn


def push_cover_base(pictures: Path, folder: Path) -> None:
    """Writes the card of a set of pictures, and pushes a model of covers to learn on."""
    clips = [picture for split in SPLITS for picture in read_split(pictures, split, CoverImage)]
    told = {"refused": {}, "skipped": {}, "duplicates": {}, "notes": [], "contact": "", "typebeat": "0"}
    write_cover_card(pictures, {**told, "split_by": "creator", "validation_share": 0.25}, clips)
    HfApi().create_repo("me/tiny")
    HfApi().upload_folder(repo_id="me/tiny", folder_path=tiny_covers.save_tiny(folder))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
