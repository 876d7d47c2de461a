"""What goes wrong in training and is told in one line."""

from __future__ import annotations


class TrainingError(Exception):
    """A run that cannot begin or go on, in one line that says what is wrong and what to do."""
