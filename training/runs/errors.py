"""The exception that ends a command of training/ with one line."""

from __future__ import annotations


class TrainingError(Exception):
    """Something that stops a command; the message is one line that says what is wrong and what to do."""
