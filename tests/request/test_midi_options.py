"""MidiOptions: text becomes values, and what is not allowed is said in one line."""

from __future__ import annotations

import pytest

from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError


def test_text_of_a_door_becomes_values():
    options = MidiOptions(bpm="140", key="Fm", feel=" Groove ", snap="off", sensitivity="0.8", bends="on")
    assert options == MidiOptions(140.0, "F minor", "groove", False, 0.8, True)


def test_what_is_left_out_is_measured_or_has_its_default():
    assert MidiOptions(bpm="", key=None) == MidiOptions(None, None, "tight", True, 0.5, False)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("bpm", 20, "40 to 240"),
        ("bpm", float("nan"), "40 to 240"),
        ("key", "H minor", "H minor"),
        ("feel", "loose", "tight, groove or raw"),
        ("snap", "maybe", "on or off"),
        ("sensitivity", 2, "0 to 1"),
    ],
)
def test_a_wrong_value_names_what_is_allowed(name, value, said):
    with pytest.raises(RequestError, match=said) as wrong:
        MidiOptions(**{name: value})
    assert wrong.value.field == name
