"""The record of an evaluation: figures for base, finetune and recordings, and what could not be measured."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.runs.errors import TrainingError
from training.runs.files import write_whole
from training.runs.tables import markdown

EVALUATION_FILE = "evaluation.json"
COLUMNS = ("base", "finetuned", "recordings")


@dataclass
class Evaluation:
    """The figures of an evaluation and how they were measured.

    Attributes:
        rows: For each figure: its name, the values `base`, `finetuned` and `recordings` (or None), `n`, and perhaps the
            95 % interval of the finetune, `low` and `high`.
        skipped: Figures that could not be measured, and why.
        nearest: For each beat of the finetune: caption, nearest training clip, and agreement of the fingerprints.
        about: How the figures were measured.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    nearest: list[dict[str, Any]] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    def add(self, figure: str, n: int, **values: Any) -> None:
        """Adds a row; values are rounded to four decimals."""
        told = {name: None if value is None else round(float(value), 4) for name, value in values.items()}
        self.rows.append({"figure": figure, "n": n, **told})

    def value(self, figure: str, column: str = "finetuned") -> float | None:
        """Returns a value, or None if it was not measured."""
        return next((row.get(column) for row in self.rows if row["figure"] == figure), None)

    @property
    def table(self) -> str:
        """All figures as a Markdown table."""

        def cell(row: dict[str, Any], column: str) -> str:
            if row.get(column) is None:
                return ""
            interval = f" ({row['low']:.3g} to {row['high']:.3g})" if column == "finetuned" and "low" in row else ""
            return f"{row[column]:.3g}{interval}"

        return markdown([{"figure": r["figure"], **{c: cell(r, c) for c in COLUMNS}, "N": r["n"]} for r in self.rows])

    def write(self, run: Path) -> None:
        """Writes `evaluation.json` into a run's folder, whole or not at all."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
        write_whole(run / EVALUATION_FILE, lambda part: part.write_text(text, encoding="utf-8"))


def read_evaluation(run: Path) -> Evaluation:
    """Reads the evaluation of a run. Raises TrainingError if it is missing or broken."""
    file = run / EVALUATION_FILE
    try:
        return Evaluation(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise TrainingError(f"{run} was not evaluated yet; python -m training.evaluate --run {run}") from error
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{file} is truncated or no evaluation ({error})") from error
