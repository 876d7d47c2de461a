"""What a reader returns: one thing understood, and where it stands."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reading:
    """One thing that was understood.

    Attributes:
        option: Field of `Understood` that it goes to.
        value: What it says there.
        start: Where its words begin in the folded text.
        end: Where they end.
    """

    option: str
    value: Any
    start: int
    end: int
