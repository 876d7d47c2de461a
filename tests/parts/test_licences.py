"""What a licence allows, in one plain line."""

from __future__ import annotations

import pytest

from typebeat.parts.licences import plain_licence


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("mit", "use and sell"),
        ("cc-by-nc-4.0", "not for commercial use"),
        ("CC-BY-NC-SA-4.0", "not for commercial use"),
        ("research-only", "not for commercial use"),
        ("creativeml-openrail-m", "harmful uses"),
        ("unknown", "ask whoever made"),
        ("", "ask whoever made"),
        ("gemma", "read that licence"),
    ],
)
def test_a_licence_is_one_plain_line(name, says):
    line = plain_licence(name)
    assert says in line
    assert "\n" not in line
    assert line.endswith(".")
