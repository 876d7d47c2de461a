"""The notebooks of training/ run from top to bottom on small parameters and are committed without outputs.

Each asserts on its own results, so a run without an error is more than a run.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import tiny_models
from notebook_runs import execute

from benchmarks import tiny_data

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "training").glob("[0-9]_*.ipynb"))


def test_notebook_2_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    tiny_data.save_beats(tmp_path / "beats")
    tiny_models.save_model(tmp_path / "base")
    changes = {"base": str(tmp_path / "base"), "cache": str(tmp_path / "cache"), "samples": 1, "rank": 4, "lr": 0.01}
    changes |= {"steps": 2, "batch": 2, "micro_batch": 2, "warmup_steps": 1, "check_every": 1}
    given = {"data": str(tmp_path / "beats"), "out": str(tmp_path / "run"), "changes": changes}
    execute("2_finetune_musicgen", **given)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
