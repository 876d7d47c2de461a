"""Runs a notebook of training/ on other parameters than its own."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

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
