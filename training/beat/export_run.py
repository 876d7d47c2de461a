"""Exports a finished run to `run/export`, a folder that the app loads."""

from __future__ import annotations

from pathlib import Path

from training.beat.export import Change, export_beat
from training.beat.models import trained_model

EXPORT_FOLDER = "export"


def export_run(run: Path) -> tuple[Path, Change]:
    """Exports the trained model with its adapters merged; returns the folder of the base and the difference from it.

    Raises:
        ExportError: the weights equal those of the base or are not finite. TrainingError: there is no such run.
    """
    models, base = trained_model(run)
    return base.folder, export_beat(models.lm, base.folder, run / EXPORT_FOLDER)
