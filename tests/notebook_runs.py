"""Runs notebooks of training/ on other parameters than their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "training"
THIN = 14  # code cells


def execute(*runs: tuple[str, dict[str, Any]]) -> list[str]:
    """Runs notebooks, each with its parameters, from top to bottom in a process of their own; returns what each shows.

    They share the process, which takes longer to start than they to run, and nothing else: each begins without names.
    The process finds the Hub by its environment.
    """
    notebooks = [[nbformat.v4.new_code_cell("%reset -f"), *_on(name, parameters)] for name, parameters in runs]
    whole = nbformat.v4.new_notebook(cells=[cell for cells in notebooks for cell in cells])
    NotebookClient(whole, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    return [str([cell.get("outputs", []) for cell in cells]) for cells in notebooks]


def _on(name: str, parameters: dict[str, Any]) -> list[nbformat.NotebookNode]:
    """Returns a notebook's cells with one more, which sets these parameters."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    assert sum(cell.cell_type == "code" for cell in cells) < THIN
    (at,) = [i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])]
    known = {line.partition(" = ")[0] for line in cells[at].source.splitlines()}
    assert set(parameters) <= known
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    return [*cells[: at + 1], nbformat.v4.new_code_cell("\n".join(lines)), *cells[at + 1 :]]
