"""What can be asked for, what cannot, and what is decided when it is left open."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from typebeat.request.options import PARTS, RequestError
from typebeat.request.requests import PROMPT_CHARACTERS, SEEDS, BeatRequest
from typebeat.request.settled import CompleteRequest, SettledRequest, resolve
from typebeat.request.styles import STYLES

WRONG = [
    ("prompt", {"prompt": ""}),
    ("prompt", {"prompt": " \n\t "}),
    ("prompt", {"prompt": "x" * 5000}),
    ("prompt", {"prompt": "dark\x00bells"}),
    ("prompt", {"prompt": "dark\x1b[31mbells"}),
    ("prompt", {"prompt": "\udcff"}),
    ("prompt", {"prompt": 7}),
    ("style", {"style": "drake"}),
    ("style", {"style": ["kid-cudi"]}),
    ("bpm", {"bpm": 0}),
    ("bpm", {"bpm": -5}),
    ("bpm", {"bpm": 1e9}),
    ("bpm", {"bpm": float("nan")}),
    ("bpm", {"bpm": "inf"}),
    ("bpm", {"bpm": "fast"}),
    ("bpm", {"bpm": True}),
    ("bpm", {"bpm": [140]}),
    ("key", {"key": "H dur"}),
    ("key", {"key": 5}),
    ("bars", {"bars": 0}),
    ("bars", {"bars": 10_000}),
    ("bars", {"bars": 8.5}),
    ("bars", {"bars": ""}),
    ("takes", {"takes": 5}),
    ("seed", {"seed": -1}),
    ("seed", {"seed": SEEDS}),
    ("seed", {"seed": "1" * 5000}),
    ("guidance", {"guidance": 0.5}),
    ("temperature", {"temperature": 0}),
    ("top_k", {"top_k": 10**400}),
    ("parts", {"parts": ""}),
    ("parts", {"parts": "beat,flute"}),
    ("parts", {"parts": 3}),
    ("colour", {"colour": "red"}),
]


@pytest.mark.parametrize(("field", "values"), WRONG, ids=[f"{field}-{str(value)[:30]!a}" for field, value in WRONG])
def test_a_wrong_value_is_refused_at_its_field_in_one_short_line(field, values):
    with pytest.raises(RequestError) as caught:
        BeatRequest.parse(**{"prompt": "bells", **values} if field != "prompt" else values)
    assert caught.value.field == field
    line = str(caught.value)
    assert line.isprintable()
    assert 10 < len(line) < 250


def test_an_error_says_what_is_allowed():
    with pytest.raises(RequestError, match=r"70 to 170.*65.*written at 130"):
        BeatRequest(prompt="bells", bpm=65)
    with pytest.raises(RequestError, match=r"written at 100"):
        BeatRequest(prompt="bells", bpm=200)
    with pytest.raises(RequestError, match=r"travis-scott, kid-cudi or don-toliver"):
        BeatRequest(style="drake")
    with pytest.raises(RequestError, match=str(PROMPT_CHARACTERS)):
        BeatRequest(prompt="x" * (PROMPT_CHARACTERS + 1))


def test_an_unknown_part_is_refused_with_what_exists():
    with pytest.raises(RequestError, match="'video' is unknown; what exists: beat, stems, midi, cover"):
        BeatRequest(prompt="bells", parts=("beat", "video"))


def test_parts_stand_in_the_order_in_which_they_are_made_and_the_beat_is_always_among_them():
    assert BeatRequest(prompt="bells").parts == PARTS
    assert BeatRequest(prompt="bells", parts="cover, MIDI,cover").parts == ("beat", "midi", "cover")


def test_emoji_and_other_scripts_are_welcome():
    prompt = "🎹👩‍🎤 темный бит 暗い夜 أغنية"
    assert BeatRequest(prompt=prompt).prompt == prompt


def test_line_breaks_and_runs_of_spaces_become_one_space():
    assert BeatRequest(prompt="  dark\r\n\tbells   now ").prompt == "dark bells now"


def test_a_prompt_of_exactly_the_limit_is_allowed():
    assert len(BeatRequest(prompt="x" * PROMPT_CHARACTERS + "  ").prompt) == PROMPT_CHARACTERS


def test_text_as_doors_send_it_becomes_values_of_their_own_type():
    request = BeatRequest.parse(
        prompt="bells",
        style="Kid Cudi type",
        bpm="92.5",
        key="Bb minor",
        bars="4",
        seed="7",
        takes=2.0,
        parts="Beat, beat",
    )
    assert (request.style, request.bpm, request.key) == ("kid-cudi", 92.5, "A# minor")
    assert (request.bars, request.seed, request.takes, request.parts) == (4, 7, 2, ("beat",))
    assert type(request.bars) is type(request.takes) is int


def test_none_and_blank_leave_an_option_open_or_at_its_default():
    request = BeatRequest.parse(prompt="bells", style="", bpm="", key=None, seed=" ", bars=None)
    assert (request.bpm, request.key, request.seed, request.bars) == (None, None, None, 8)


def test_a_request_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        BeatRequest(prompt="bells").bpm = 100


def test_every_option_says_what_a_door_needs():
    for option in fields(BeatRequest):
        assert option.metadata["label"]
        assert option.metadata["help"]
        assert option.metadata["kind"] in ("text", "number", "whole", "choice", "list")
        if option.metadata["kind"] in ("number", "whole"):
            assert option.metadata["low"] < option.metadata["high"]


def test_words_of_the_prompt_decide_what_is_left_open():
    request = resolve(BeatRequest(prompt="a Kid Cudi type beat in A minor at 84 bpm", seed=1))
    assert (request.style, request.bpm, request.key) == ("kid-cudi", 84, "A minor")


def test_an_option_outweighs_the_words_of_the_prompt():
    request = resolve(BeatRequest(prompt="84 bpm in A minor", style="don-toliver", bpm=120, key="F minor", seed=1))
    assert (request.style, request.bpm, request.key) == ("don-toliver", 120, "F minor")


def test_a_tempo_in_the_prompt_that_no_octave_brings_within_the_limits_is_an_error_of_the_prompt():
    with pytest.raises(RequestError, match=r"the prompt asks for 20 BPM.*from 70 to 170") as caught:
        resolve(BeatRequest(prompt="slow 20 bpm"))
    assert caught.value.field == "prompt"
    assert resolve(BeatRequest(prompt="slow 20 bpm", bpm=90)).bpm == 90


@pytest.mark.parametrize(
    ("said", "made"), [("65 bpm", 130), ("200 bpm", 100), ("65 or 120 bpm", 120), ("60-80 bpm", 70)]
)
def test_a_tempo_in_the_prompt_is_brought_within_the_limits(said, made):
    assert resolve(BeatRequest(prompt=f"dark, {said}")).bpm == made


def test_bars_takes_and_seed_come_from_the_words_if_no_option_gives_them():
    request = resolve(BeatRequest(prompt="dark, 16 bars, two takes, seed 9"))
    assert (request.bars, request.takes, request.seed) == (16, 2, 9)
    request = resolve(BeatRequest(prompt="dark, 16 bars, two takes, seed 9", bars=4, seed=1))
    assert (request.bars, request.takes, request.seed) == (4, 2, 1)
    assert resolve(BeatRequest(prompt="16 bars"), given=("bars",)).bars == 8
    assert resolve(BeatRequest(prompt="99 bars, 30 takes")).bars == 8


def test_a_resolved_request_keeps_its_bars_whatever_the_words_say():
    request = resolve(BeatRequest(prompt="16 bars", seed=1), given=("bars",))
    assert resolve(request) == request


def test_a_mode_alone_draws_a_key_of_it():
    keys = {
        resolve(BeatRequest(prompt="happy major key", style=style, seed=seed)).key
        for style in STYLES
        for seed in range(9)
    }
    assert len(keys) > 3
    assert all(key.endswith("major") for key in keys)


def test_a_pace_alone_draws_from_that_half_of_the_style():
    drawn = [
        [resolve(BeatRequest(prompt=f"a {pace} beat", seed=s)).bpm for s in range(40)] for pace in ("slow", "fast")
    ]
    assert max(drawn[0]) <= min(drawn[1])


def test_what_was_chosen_is_told_apart_from_what_was_asked():
    request = resolve(BeatRequest(prompt="dark, 84 bpm", seed=1))
    assert request.chosen_values == {"style": request.style, "key": request.key}
    assert resolve(request) == request
    again = BeatRequest.parse(**{**vars(request), "chosen": request.chosen_values, "key": "B minor"})
    assert resolve(again).chosen_values == {"style": request.style}


def test_all_parts_left_out_is_refused_in_one_line():
    with pytest.raises(RequestError, match="leaves out every part"):
        resolve(BeatRequest(prompt="no drums, no bass, no chords, no melody"))


def test_the_seed_decides_the_rest_within_the_style():
    drawn = [resolve(BeatRequest(style=style, seed=seed)) for style in STYLES for seed in range(20)]
    again = [resolve(BeatRequest(style=style, seed=seed)) for style in STYLES for seed in range(20)]
    assert drawn == again
    assert len({request.bpm for request in drawn}) > 10
    for request in drawn:
        style = STYLES[request.style]
        assert style.bpm_low <= request.bpm <= style.bpm_high
        assert request.key in style.keys


def test_without_a_seed_two_beats_differ_and_a_resolved_request_stays_as_it_is():
    first, second = resolve(BeatRequest(prompt="bells")), resolve(BeatRequest(prompt="bells"))
    assert first.seed != second.seed
    assert resolve(first) == first
    assert first.style == next(iter(STYLES))


def test_takes_have_seeds_in_a_row_that_stay_in_range():
    assert resolve(BeatRequest(prompt="bells", seed=7, takes=3)).take_seeds == (7, 8, 9)
    assert resolve(BeatRequest(prompt="bells", seed=SEEDS - 1, takes=2)).take_seeds == (SEEDS - 1, 0)


def test_a_loop_is_as_long_as_its_bars():
    assert resolve(BeatRequest(prompt="bells", bpm=120, bars=4)).seconds == 8


@pytest.mark.parametrize("field", ["style", "bpm", "key", "seed"])
def test_a_settled_request_leaves_nothing_open_that_words_and_seed_decide(field):
    request = resolve(BeatRequest(prompt="bells", seed=0))
    with pytest.raises(RequestError, match=f"{field} is missing") as caught:
        replace(request, **{field: None})
    assert caught.value.field == field


@pytest.mark.parametrize("field", ["guidance", "drafts"])
def test_a_complete_request_leaves_nothing_open_at_all(field):
    settled = vars(resolve(BeatRequest(prompt="bells")))
    assert CompleteRequest(**settled | {"guidance": 3, "drafts": 1}).guidance == 3.0
    with pytest.raises(RequestError, match=f"{field} is missing"):
        CompleteRequest(**settled | {"guidance": 3, "drafts": 1, field: None})


@pytest.mark.parametrize("kind", [SettledRequest, CompleteRequest])
def test_a_decided_request_has_the_same_options_in_the_same_order(kind):
    told = [(option.name, option.default, option.metadata) for option in fields(BeatRequest)]
    assert [(option.name, option.default, option.metadata) for option in fields(kind)] == told
