"""Options survive the way through form, link and recipe."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from typebeat.page.links import OPTIONS, form_values, link, options_of_form, options_of_query, options_of_text
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import SettledRequest, resolve

REQUEST = resolve(BeatRequest("dark & <b>", "kid-cudi", bpm=92.5, bars=3, seed=5, parts=("beat", "midi")))
WISH = {name: getattr(REQUEST, name) for name in OPTIONS}


def test_the_form_gives_back_what_it_shows() -> None:
    assert SettledRequest.parse(**options_of_form(tuple(form_values(WISH)))) == REQUEST


def test_an_empty_form_asks_for_the_defaults() -> None:
    options = options_of_form(tuple(form_values({"prompt": "bells"})))
    assert BeatRequest.parse(**options) == BeatRequest("bells")


def test_a_link_gives_back_what_it_says_and_other_names_are_left_out() -> None:
    query = parse_qs(link(WISH).removeprefix("?")) | {"__theme": ["dark"]}
    assert SettledRequest.parse(**options_of_query(query)) == REQUEST


@pytest.mark.parametrize("text", [json.dumps({**WISH, "made": "up"}), f"https://somewhere.example/{link(WISH)}"])
def test_a_pasted_recipe_or_link_is_read(text: str) -> None:
    assert SettledRequest.parse(**options_of_text(text)) == REQUEST


@pytest.mark.parametrize("text", ["", None, "bells", "[]", "{}", "{", '{"bars": 0, "style": "kid-cudi"}', "?x=1", 7])
def test_what_is_no_recipe_says_so(text: object) -> None:
    with pytest.raises(RequestError):
        options_of_text(text)


def test_a_link_may_leave_words_and_style_to_the_visitor_but_not_ask_for_what_is_not_allowed() -> None:
    assert options_of_text("https://somewhere/?bpm=140&style=") == {"bpm": "140"}
    with pytest.raises(RequestError, match="70 to 170"):
        options_of_text("https://somewhere/?bpm=9000")
