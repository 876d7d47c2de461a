"""The choice among drafts of a cover: legible, rich in tones, with one subject, in the colours that were asked for."""

import numpy as np
import pytest

from typebeat.covers.choosing import best_of, measures
from typebeat.covers.looks import CoverLook

LOOK = CoverLook(("blue", "gold"), ("moon",), "", "calm", "low light")
SIDE = 128
Y, X = np.mgrid[0:SIDE, 0:SIDE] / SIDE
BLUE, GOLD = np.array([20, 40, 120]), np.array([224, 168, 51])


def disc(x=0.5, y=0.3, radius=0.2, ground=BLUE, colour=GOLD):
    inside = (np.hypot(X - x, Y - y) < radius)[..., None]
    return np.where(inside, colour, (ground * (1.1 - 0.8 * Y[..., None]))).clip(0, 255).astype(np.uint8)


def noise(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


@pytest.mark.parametrize(
    ("measure", "better", "worse"),
    [
        ("title", disc(), np.where((X * 24 % 2 < 1)[..., None], 250, 5).repeat(3, -1).astype(np.uint8)),
        ("contrast", disc(), disc(ground=np.array([90, 90, 90]), colour=np.array([110, 110, 110]))),
        ("contrast", disc(), np.full((SIDE, SIDE, 3), 255, np.uint8)),
        ("subject", disc(), noise()),
        ("subject", disc(), disc(radius=0.0)),
        ("palette", disc(), disc(ground=np.array([20, 120, 20]), colour=np.array([255, 0, 200]))),
    ],
)
def test_each_measure_tells_the_better_picture(measure, better, worse):
    good, bad = (measures(picture, "don-toliver", LOOK)[measure] for picture in (better, worse))
    assert 0 <= bad < good <= 1


def test_the_best_draft_wins_wherever_it_stands_and_the_first_of_equal_ones():
    for place in range(3):
        drafts = [noise(seed) for seed in range(3)]
        drafts[place] = disc()
        assert best_of(drafts, "travis-scott", LOOK) == place
    assert best_of([disc(), disc()], "kid-cudi", LOOK) == 0


def test_the_room_for_the_title_is_where_the_style_sets_it():
    busy_below = disc(radius=0.0)
    busy_below[SIDE // 2 :] = noise()[SIDE // 2 :]
    assert measures(busy_below, "kid-cudi", LOOK)["title"] > measures(busy_below, "don-toliver", LOOK)["title"]
