"""Formats rows as a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Returns rows as a Markdown table; vertical bars in cells are escaped."""
    names = list(rows[0])
    cells = [[str(row[name]).replace("|", "\\|").replace("\n", " ") for name in names] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [names, ["---"] * len(names), *cells])
