"""The notebooks of training/ run from top to bottom on small parameters, agree with their scripts, and hold no outputs.

Each asserts on its own results, so a run without an error is more than a run.
"""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest
import tiny_covers
import tiny_data
import tiny_models
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "training").glob("[0-9]_*.ipynb"))
SHORT = {"steps": 2, "batch": 2, "micro_batch": 2, "warmup_steps": 1, "check_every": 1}


def finetune_parameters(folder: Path) -> dict:
    tiny_data.save_beats(folder / "beats")
    tiny_models.save_model(folder / "base")
    changes = {
        **SHORT,
        "base": str(folder / "base"),
        "cache": str(folder / "cache"),
        "samples": 1,
        "rank": 4,
        "lr": 0.01,
    }
    return {"data": str(folder / "beats"), "out": str(folder / "run"), "changes": changes}


def cover_parameters(folder: Path) -> dict:
    tiny_data.save_pictures(folder / "covers")
    tiny_covers.save_tiny(folder / "base")
    changes = {**SHORT, "base": str(folder / "base"), "cache": str(folder / "cache"), "grid_prompts": 1, "rank": 4}
    changes |= {"side": tiny_data.SIDE, "ema_decay": 0.0, "lr": 0.01}
    return {"data": str(folder / "covers"), "style": "kid-cudi", "out": str(folder / "run"), "changes": changes}


# what makes each notebook's inputs in a folder and returns its parameters
PARAMETERS = {"2_finetune_musicgen": finetune_parameters, "3_train_cover_lora": cover_parameters}


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem in PARAMETERS], ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    notebook = nbformat.read(path, as_version=4)
    at = [i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    assert len(at) == 1
    given = PARAMETERS[path.stem](tmp_path)
    lines = [f"{name} = {value!r}" for name, value in given.items()]
    notebook.cells.insert(at[0] + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert sum(cell.cell_type == "code" for cell in notebook.cells) <= 14, "a notebook is thin"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_its_script_and_holds_no_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    script = jupytext.read(path.with_suffix(".py"))
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in script.cells
    ], f"jupytext --sync training/{path.name}"
    for cell in notebook.cells:
        assert not cell.get("outputs"), "outputs are stripped"
        assert cell.get("execution_count") is None
