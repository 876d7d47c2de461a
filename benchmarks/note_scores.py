"""Matches transcribed notes with true ones by mir_eval, and computes precision, recall and F1."""

from collections.abc import Sequence

import mir_eval
import numpy as np

from training.starter.simple_corpus.beats import TrueNote
from typebeat.hearing.spectrum import hertz
from typebeat.midi.notes import Note

ONSET_SECONDS, PITCH_CENTS = 0.05, 50.0
ONE_MOMENT_SECONDS = 0.02  # hits of a group that are closer count once, such as a clap on a snare
GROUPS = {  # drums that count as one
    "kick": ("kick",),
    "snare": ("snare", "clap"),
    "hat": ("closed_hat", "open_hat"),
    "rim": ("rim",),
    "perc": ("perc",),
    "crash": ("crash",),
}
_SHORTEST_SECONDS = 0.01  # mir_eval needs notes with a length


def one_moment(onsets: Sequence[float]) -> np.ndarray:
    """Returns onsets in order, without those that follow another within `ONE_MOMENT_SECONDS`."""
    kept: list[float] = []
    for onset in sorted(onsets):
        if not kept or onset - kept[-1] > ONE_MOMENT_SECONDS:
            kept.append(onset)
    return np.array(kept)


def matched_hits(true: np.ndarray, heard: np.ndarray) -> list[tuple[int, int]]:
    """Returns pairs of indices of matching onsets."""
    return mir_eval.util.match_events(true, heard, ONSET_SECONDS) if len(true) and len(heard) else []


def matched_notes(
    true: Sequence[TrueNote], heard: Sequence[Note], *, with_offset: bool = False
) -> list[tuple[int, int]]:
    """Returns pairs of indices of matching notes of the same pitch and, if `with_offset`, with the same end."""
    if not true or not heard:
        return []
    (true_spans, true_hz), (heard_spans, heard_hz) = _spans(true), _spans(heard)
    return mir_eval.transcription.match_notes(
        true_spans,
        true_hz,
        heard_spans,
        heard_hz,
        onset_tolerance=ONSET_SECONDS,
        pitch_tolerance=PITCH_CENTS,
        offset_ratio=0.2 if with_offset else None,
    )


def _spans(notes: Sequence[TrueNote] | Sequence[Note]) -> tuple[np.ndarray, np.ndarray]:
    """Returns onsets and offsets, (notes, 2), and frequencies in Hz."""
    spans = np.array([[note.onset, max(note.offset, note.onset + _SHORTEST_SECONDS)] for note in notes])
    return spans, hertz(np.array([note.pitch for note in notes], float))


class Tally:
    """Sums up many beats: numbers of right, found and true notes of each kind, and means of other figures."""

    def __init__(self) -> None:
        self._notes: dict[str, np.ndarray] = {}
        self._values: dict[str, list[float]] = {}

    def count(self, name: str, right: int, heard: int, true: int) -> None:
        """Counts the notes of one kind in one beat."""
        self._notes[name] = self._notes.get(name, np.zeros(3)) + np.array([right, heard, true])

    def note(self, name: str, value: float, weight: int = 1) -> None:
        """Adds a value to the mean of a figure, `weight` times."""
        self._values.setdefault(name, []).extend([value] * weight)

    def figures(self) -> dict[str, float]:
        """Returns F1 of each kind of note, the means, and precision and recall of ours."""
        f1 = {}
        for name, (right, heard, true) in self._notes.items():
            prefix, kind = ("baseline_", name.removeprefix("baseline_")) if name.startswith("baseline_") else ("", name)
            f1[f"{prefix}f1_{kind}"] = 2 * right / max(1, heard + true)
        both = {}
        for name, (right, heard, true) in self._notes.items():
            if not name.startswith("baseline_"):
                both[f"precision_{name}"], both[f"recall_{name}"] = right / max(1, heard), right / max(1, true)
        return {**f1, **{name: float(np.mean(values)) for name, values in self._values.items()}, **both}
