"""The benchmark's visitor hears a beat from the real page, and tells when there is none."""

from __future__ import annotations

import pytest
from page_server import SlowEngine, serve

from benchmarks.page_visitor import make_on_page

WISH = {"prompt": "dark bells", "bars": 2, "bpm": 140, "seed": 3, "parts": []}


def test_a_visitor_hears_the_first_sound_before_the_pack_is_there():
    with serve(SlowEngine(step_s=0.005)) as address:
        waits = make_on_page(address, WISH)
        assert 0 < waits.first_sound < waits.pack
        with pytest.raises(RuntimeError, match="no beat was made"):
            make_on_page(address, {**WISH, "prompt": "crash"})
