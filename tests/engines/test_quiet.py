"""Only the messages that are named are silenced."""

from __future__ import annotations

import importlib.util
import logging
import sys

import pytest

from typebeat.engines.quiet import FRAMEWORKS, UNUSED_PARTS, quiet_import


@pytest.mark.parametrize(("logger", "message"), UNUSED_PARTS.items())
def test_the_named_message_is_dropped_and_any_other_passes(logger, message, caplog):
    with quiet_import():
        pass
    with caplog.at_level(logging.WARNING, logger=logger):
        logging.getLogger(logger).warning(f"WARNING: {message}. Reinstall it")
        logging.getLogger(logger).warning("something new")
    assert [record.getMessage() for record in caplog.records] == ["something new"]


def test_tensorflow_counts_as_not_installed_inside_and_only_inside(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with quiet_import(), quiet_import():
        assert importlib.util.find_spec("tensorflow") is None
        with pytest.raises(ImportError):
            import tensorflow  # noqa: F401
    assert "tensorflow" not in sys.modules


def test_a_failing_import_does_not_leave_tensorflow_hidden(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with pytest.raises(ImportError), quiet_import():
        raise ImportError("broken")
    assert "tensorflow" not in sys.modules


def test_other_frameworks_are_switched_off_for_libraries_that_ask(monkeypatch):
    import os

    monkeypatch.delenv("USE_TF", raising=False)
    with quiet_import():
        assert {name: os.environ[name] for name in FRAMEWORKS} == FRAMEWORKS
