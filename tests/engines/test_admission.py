"""Requests are let in by age, length and memory; what changes the weights is alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from typebeat.engines import UNWATCHED, Job, Stopped
from typebeat.engines.beat.admission import Admission, Claim


def fits(admission: Admission, claim: Claim) -> bool:
    """Whether a claim is let in now."""
    try:
        with admission.inside(claim, Job(should_stop=iter([False, True]).__next__)):
            return True
    except Stopped:
        return False


def test_requests_are_let_in_as_long_as_rows_and_memory_reach() -> None:
    admission = Admission(16, lambda: 100)
    with admission.inside(Claim(1.0, rows=8, bytes=60), UNWATCHED):
        assert fits(admission, Claim(1.0, rows=8, bytes=40))
        assert not fits(admission, Claim(1.0, rows=10, bytes=1))
        assert not fits(admission, Claim(1.0, rows=2, bytes=41))
    assert fits(admission, Claim(1.0, rows=99, bytes=999))  # alone; that memory is short is told elsewhere


def test_other_weights_wait_until_nobody_is_inside() -> None:
    admission = Admission(16, lambda: 100)
    with admission.inside(Claim(1.0, rows=2), UNWATCHED):
        assert fits(admission, Claim(1.0, rows=2))
        assert not fits(admission, Claim(0.5, rows=2))
        assert not fits(admission, Claim(kind=object()))
    assert fits(admission, Claim(kind=object()))


@pytest.mark.parametrize(
    ("claims", "order"),
    [
        ({"first": (0.0, 10.0), "second": (1.0, 10.0)}, "first second"),
        ({"long": (0.0, 30.0), "short": (5.0, 5.0)}, "short long"),
        ({"long": (0.0, 30.0), "short": (26.0, 5.0)}, "long short"),  # who waits long enough passes everybody
    ],
)
def test_a_shorter_request_goes_first_unless_the_longer_one_has_waited(claims, order) -> None:
    admission, log = Admission(2, lambda: 100), []

    def visit(name: str, came: float, seconds: float) -> None:
        with admission.inside(Claim(1.0, rows=2, seconds=seconds, came=came), UNWATCHED):
            log.append(name)

    with ThreadPoolExecutor() as pool, admission.inside(Claim(1.0, rows=2), UNWATCHED):
        visits = [pool.submit(visit, name, *claim) for name, claim in claims.items()]
        until = time.monotonic() + 30
        while len(admission._waiting) < len(claims) and time.monotonic() < until:
            time.sleep(0.001)
    assert all(visit.exception() is None for visit in visits)
    assert log == order.split()


def test_who_is_stopped_in_the_line_leaves_it() -> None:
    admission = Admission(2, lambda: 100)
    with admission.inside(Claim(1.0, rows=2), UNWATCHED):
        assert not fits(admission, Claim(1.0, rows=2))
        assert not admission._waiting
    assert not admission._inside
