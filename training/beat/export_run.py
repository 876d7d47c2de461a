"""Exports a finished run: to `run/export` in its base's format, which the app loads, and to transformers' format."""

from __future__ import annotations

from pathlib import Path

from training.beat.export import ADAPTER_FILE, Change, export_beat
from training.beat.models import load_base, trained_model
from training.beat.transformers_export import export_adapter, export_transformers
from training.runs.run_record import ADAPTER_FOLDER, read_run

EXPORT_FOLDER, TRANSFORMERS_FOLDER = "export", "export-transformers"


def export_run(run: Path) -> tuple[Path, Change]:
    """Exports the trained model with its adapters merged; returns the folder of the base and the difference from it.

    Raises:
        ExportError: the weights equal those of the base or are not finite. TrainingError: there is no such run.
    """
    models, base = trained_model(run)
    return base.folder, export_beat(models.lm, base.folder, run / EXPORT_FOLDER)


def export_run_for_transformers(run: Path) -> Path:
    """Exports what a run has trained in transformers' format, its adapter in `adapter/`; returns the folder.

    Raises:
        ExportError: transformers knows no such model, as the starter is none. TrainingError: there is no such run.
    """
    models, base = trained_model(run)
    out = run / TRANSFORMERS_FOLDER
    export_transformers(models, base.folder, out)
    if (run / ADAPTER_FOLDER / ADAPTER_FILE).is_file():
        untouched, _ = load_base(read_run(run).options["base"], "cpu")
        export_adapter(run / ADAPTER_FOLDER, untouched.lm, base.name, out / ADAPTER_FOLDER)
    return out
