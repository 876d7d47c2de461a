"""Plots a training run, for its notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from training.runs.run_record import TrainedModel

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_history(record: TrainedModel) -> Figure:
    """Plots the training and validation losses of a run over its steps and marks the step that was kept."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for key, label, style in (("loss", "training", "-"), ("validation_loss", "validation", "o-")):
        rows = [(row["step"], row[key]) for row in record.history if key in row]
        axes.plot(*zip(*rows, strict=True), style, label=label, linewidth=1.5, markersize=4)
    axes.axvline(record.best_step, color="grey", linestyle=":", label=f"kept: step {record.best_step}")
    axes.set(xlabel="step", ylabel="loss", title=f"{record.method} of {record.base}, {record.clips[0]} items")
    axes.grid(alpha=0.3)
    axes.legend()
    plt.close(figure)  # else a notebook would show it twice
    return figure
