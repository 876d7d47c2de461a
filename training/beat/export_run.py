"""A finished run to a folder that the app plays: `run/export`, in the format of the run's base."""

from __future__ import annotations

from pathlib import Path

from training.beat.export import Change, export_beat
from training.beat.models import trained_model

EXPORT_FOLDER = "export"


def export_run(run: Path) -> tuple[Path, Change]:
    """Exports what a run has trained, adapters merged; returns the base's folder and how far the weights are from it.

    Raises:
        ExportError: the weights equal the base's, or are no numbers. TrainingError: there is no such run.
    """
    models, base = trained_model(run)
    return base.folder, export_beat(models.lm, base.folder, run / EXPORT_FOLDER)
