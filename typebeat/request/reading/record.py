"""What was made of a prompt, as one record: what was understood, what was not, and what an option overrules."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One thing that was understood.

    Attributes:
        option: What it goes to: an option ("bpm", "key", ...), or "concepts", "excluded", "parts_left_out", "parts".
        value: What it says there.
        words: The typed words that say it.
        start: Where those words begin in the prompt.
        note: How the value differs from what the words say, such as a tempo an octave higher; else empty.
    """

    option: str
    value: Any
    words: str
    start: int
    note: str = ""


@dataclass(frozen=True)
class Contradiction:
    """An option that was given and words that say something else: the option wins."""

    option: str
    given: Any
    said: Any
    words: str


@dataclass(frozen=True)
class Understood:
    """A prompt as it was understood.

    Attributes:
        bpm: Tempo as said, even where no request allows it; of a choice the first, of a range the middle.
        bpm_choices: Two tempos with "or" between them, or several that are said one after the other.
        bpm_range: Lowest and highest tempo of a range.
        key: A name such as "F minor".
        mode: "minor" or "major" where only that is said.
        style: A slug of the styles.
        bars: Number of bars.
        takes: Number of takes.
        metre: Such as "6/8".
        seed: The seed.
        pace: "slow" or "fast", where the words say that and no tempo.
        concepts: What is asked for, as ids of `concepts.CONCEPT_IDS`, in the order of the words; parts that are to be
            silent among them ("without:drums").
        excluded: Concepts that are asked not to be heard.
        parts_left_out: "drums", "808", "chords", "melody", as far as they are to be silent.
        understood: Where each of these comes from.
        not_understood: Words and names that nothing was made of, as typed.
        artists: Those of them that are musicians' names: nobody's voice or work is imitated.
        contradicted: Filled by `against`.
    """

    bpm: float | None = None
    bpm_choices: tuple[float, ...] = ()
    bpm_range: tuple[float, float] | None = None
    key: str | None = None
    mode: str | None = None
    style: str | None = None
    bars: int | None = None
    takes: int | None = None
    metre: str | None = None
    seed: int | None = None
    pace: str | None = None
    concepts: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    parts_left_out: tuple[str, ...] = ()
    understood: tuple[Entry, ...] = ()
    not_understood: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()
    contradicted: tuple[Contradiction, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as plain values, for JSON."""
        return asdict(self)

    def against(self, **given: Any) -> Understood:
        """Returns the record with what options that were given overrule; None is an option that was left open."""
        contradicted = [
            Contradiction(option, value, said, self.words_for(option))
            for option, value in given.items()
            if value is not None
            and value != ""
            and (said := getattr(self, option, None)) not in (None, ())
            and not self._agrees(option, value, said)
        ]
        return replace(self, contradicted=tuple(contradicted))

    def words_for(self, option: str) -> str:
        """Returns the typed words that an option's value comes from; "" if none do."""
        names = (option, "bpm_choices", "bpm_range") if option == "bpm" else (option,)
        return ", ".join(entry.words for entry in self.understood if entry.option in names)

    def _agrees(self, option: str, value: Any, said: Any) -> bool:
        if option == "bpm":
            low, high = self.bpm_range or (said, said)
            return low <= float(value) <= high or float(value) in self.bpm_choices
        return value == said
