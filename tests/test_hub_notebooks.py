"""Notebooks 1 and 4 run from top to bottom on small parameters against a loopback Hub, which holds the result."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
import tiny_models
from beat_folder import write_beats
from nbclient import NotebookClient

from training.dataset import read_split
from training.finetune_musicgen import FinetuneOptions, finetune
from training.hub import FACTS

NOTEBOOKS = Path(__file__).parents[1] / "training"
THIN = 14  # code cells


def execute(name: str, **parameters) -> nbformat.NotebookNode:
    """Runs a notebook with these parameters in a process of its own, which finds the Hub by its environment."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    (at,) = [i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    known = {line.partition(" = ")[0] for line in notebook.cells[at].source.splitlines()}
    assert set(parameters) <= known
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    assert sum(cell.cell_type == "code" for cell in notebook.cells) <= THIN
    return notebook


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
    (pack,) = (run / "packs").glob("*/recipe.json")
    assert json.loads(pack.read_text())["weights"]["beat"]["name"] == "me/beats"
