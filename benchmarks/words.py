"""How well prompts are read: precision and recall of each option, and by language, on prompts with known answers.

    python -m benchmarks.words                    every prompt of words_prompts.jsonl, in seconds
    python -m benchmarks.words --quick --json     every fourth of them

How the prompts were made stands in `words_prompts.md`. Columns: all of them, the half that the reader was built on, and
the half that was written before and held out. "right" is recall: of what is stated, how much is read as it is meant;
"precision" is how much of what was read is stated. Negatives name no key: of 100, how many are given one.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import leave, read_options
from typebeat.request.reading import Understood, read_words

PROMPTS = Path(__file__).parent / "words_prompts.jsonl"
VALUES = ("bpm", "key", "mode", "style", "bars", "takes", "metre", "seed")
Prompt = dict[str, Any]


class Counts:
    """Counts what is right, said and stated under each name."""

    def __init__(self) -> None:
        self.right: dict[str, int] = defaultdict(int)
        self.said: dict[str, int] = defaultdict(int)
        self.stated: dict[str, int] = defaultdict(int)

    def add(self, name: str, said: Iterable[Any], stated: Iterable[Any]) -> None:
        """Compares two sets."""
        said, stated = set(said), set(stated)
        self.right[name] += len(said & stated)
        self.said[name] += len(said)
        self.stated[name] += len(stated)

    def figures(self, names: Iterable[str]) -> dict[str, float]:
        """Returns recall and precision of each name."""
        figures: dict[str, float] = {}
        for name in names:
            figures[f"{name}_stated"] = self.stated[name]
            if self.stated[name]:
                figures[f"{name}_right"] = self.right[name] / self.stated[name]
            if self.said[name]:
                figures[f"{name}_precision"] = self.right[name] / self.said[name]
        return figures


def read_prompts() -> list[Prompt]:
    """Returns every prompt with its right answers."""
    return [json.loads(line) for line in PROMPTS.read_text(encoding="utf-8").splitlines() if line]


def compare(prompt: Prompt, read: Understood, counts: Counts) -> None:
    """Counts what is right in one prompt."""
    if prompt.get("negative"):
        counts.add("false_keys", [read.key or read.mode] if read.key or read.mode else [], [])
        return
    for option in VALUES:
        counts.add(option, _said(read, option), _stated(prompt, option))
    counts.add("concepts", (c for c in read.concepts if not c.startswith("without:")), prompt.get("concepts", ()))
    counts.add(
        "negation", (*read.excluded, *read.parts_left_out), (*prompt.get("excluded", ()), *prompt.get("left_out", ()))
    )
    if "names" in prompt:
        _compare_names(prompt["names"], read.not_understood, counts)


def _said(read: Understood, option: str) -> list[Any]:
    if option == "bpm" and (read.bpm_range or read.bpm_choices):
        return [tuple(sorted(read.bpm_range or read.bpm_choices))]
    value = getattr(read, option)
    return [] if value is None else [value]


def _stated(prompt: Prompt, option: str) -> list[Any]:
    if option == "bpm" and "bpms" in prompt:
        return [tuple(prompt["bpms"])]
    return [prompt[option]] if option in prompt else []


def _compare_names(stated: list[str], named: tuple[str, ...], counts: Counts) -> None:
    """A name counts as told where it stands within one of the phrases that were named."""
    told = [name for name in stated if any(name.casefold() in phrase.casefold() for phrase in named)]
    idle = [phrase for phrase in named if not any(name.casefold() in phrase.casefold() for name in stated)]
    counts.add("named", [*told, *(("idle", phrase) for phrase in idle)], stated)


def column(prompts: list[Prompt]) -> dict[str, float]:
    """Returns the figures of some prompts."""
    counts = Counts()
    for prompt in prompts:
        compare(prompt, read_words(prompt["text"]), counts)
    negatives = sum(bool(prompt.get("negative")) for prompt in prompts)
    figures: dict[str, float] = {"n": len(prompts), "negatives": negatives}
    if negatives:
        figures["false_keys_of_100"] = 100 * counts.said["false_keys"] / negatives
    return figures | counts.figures((*VALUES, "concepts", "negation", "named"))


def by_language(prompts: list[Prompt]) -> dict[str, dict[str, float]]:
    """Returns for each language how much of all that is stated is right; languages of a few prompts together."""
    groups: dict[str, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        groups[prompt["lang"]].append(prompt)
    small = [language for language, group in groups.items() if len(group) < 9]
    groups["others"] = [prompt for language in small for prompt in groups.pop(language)]
    table = {}
    for language, group in groups.items():
        if not group:
            continue
        counts = Counts()
        for prompt in group:
            compare(prompt, read_words(prompt["text"]), counts)
        values = Counts()
        for name in (*VALUES, "concepts", "negation", "named"):
            group_name = name if name in ("concepts", "negation", "named") else "values"
            values.right[group_name] += counts.right[name]
            values.said[group_name] += counts.said[name]
            values.stated[group_name] += counts.stated[name]
        table[language] = {"n": len(group)} | values.figures(("values", "concepts", "negation", "named"))
    return table


def milliseconds(prompts: list[Prompt]) -> float:
    """Returns how long 500 characters take to read, the slowest of several mixtures (time of the process)."""
    read_words("Twenty-one bars like Drake without a piano")  # the tables are built on first use
    slowest = 0.0
    for begin in range(0, len(prompts), 10):
        text = " ".join(prompt["text"] for prompt in prompts[begin : begin + 20])[:500]
        times = []
        for blanks in range(3):
            begun = time.process_time()
            read_words(text + " " * blanks)
            times.append(time.process_time() - begun)
        slowest = max(slowest, min(times))
    return 1000 * slowest


def measure(prompts: list[Prompt]) -> dict[str, Any]:
    """Returns the figures of all prompts."""
    halves = {
        "all": prompts,
        "built on": [prompt for prompt in prompts if not prompt["held_out"]],
        "held out": [prompt for prompt in prompts if prompt["held_out"]],
    }
    columns = {name: column(half) for name, half in halves.items()}
    columns["all"]["ms_per_500_characters"] = milliseconds(prompts)
    languages = by_language(prompts)
    return {**columns["all"], "columns": columns, "languages": languages}


def main() -> None:
    """Prints the table, writes it, and prints one JSON object last if asked to."""
    options = read_options(__doc__)
    leave("words", measure(read_prompts()[:: 4 if options.quick else 1]), options)


if __name__ == "__main__":
    main()
