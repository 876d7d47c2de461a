"""The page of a cluster says what is wrong there, as it is when somebody opens it."""

from __future__ import annotations

from elsewhere import Elsewhere
from fakes import FakeEngine

from typebeat.engines import Engines
from typebeat.page import build_page
from typebeat.serving.jobs import JobRunner


def test_what_is_wrong_with_replicas_stands_on_the_page_and_goes_again() -> None:
    elsewhere = Elsewhere(wrong=("mine: model.safetensors is <truncated>",))
    runner = JobRunner(Engines(FakeEngine()), elsewhere)
    page = build_page(runner)
    (notices,) = [event.fn for event in page.fns.values() if event.name == "notices"]
    assert notices
    assert '<p class="notice">mine: model.safetensors is &lt;truncated&gt;</p>' in notices()
    elsewhere.wrong = ()
    assert "notice" not in notices()
    runner.close()


def test_a_page_without_a_cluster_has_no_such_event() -> None:
    runner = JobRunner(Engines(FakeEngine()))
    assert not [event for event in build_page(runner).fns.values() if event.name == "notices"]
    runner.close()
