"""Writes the log: one line of JSON for each job and each warning, on stderr.

An error is logged by its class and by the places in the code that it passed through. Its text may quote what a visitor
wrote, so it is left out, unless `TYPEBEAT_TRACEBACK` asks for it.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import datetime, timezone
from typing import Any

from typebeat.request.settings import read_settings
from typebeat.serving.watching import JobRecord, id_of, name_of, new_id, where

LONGEST_MESSAGE = 300  # characters of a warning
_LOG = logging.getLogger("typebeat.jobs")


class JsonLines(logging.Formatter):
    """Formats whatever is logged as one line of JSON; line breaks and control characters in it are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": when, "level": record.levelname.lower(), "logger": record.name}
        facts = getattr(record, "facts", None)
        line |= {"message": record.getMessage()[:LONGEST_MESSAGE]} if facts is None else facts
        if record.exc_info and (failure := record.exc_info[1]):
            line |= {"error": name_of(failure), "where": where(failure)}
            if read_settings().traceback:
                line["traceback"] = "".join(traceback.format_exception(failure))
        return json.dumps(line)


class _Stderr(logging.StreamHandler):
    """Writes to what stderr is at that moment: it may be replaced, and what it was may be closed."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def start_log() -> None:
    """Lets the log of this process be lines of JSON; for the start of the server."""
    handler = _Stderr()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("typebeat").setLevel(logging.INFO)


def log_job(record: JobRecord) -> None:
    """Logs how a job went."""
    seconds = {stage: round(spent, 3) for stage, spent in record.seconds.items()}
    facts: dict[str, Any] = {"job": record.id, "kind": record.kind, "result": record.result, "seconds": seconds}
    if record.failure:
        facts |= {"error": record.failure, "where": record.where}
    _LOG.log(logging.ERROR if record.result == "failed" else logging.INFO, "job", extra={"facts": facts})


def noted(failure: Exception) -> str:
    """Returns the id under which an error stands in the log, for the visitor to tell; logs it if no job did."""
    id = id_of(failure)
    if not id:
        id = new_id()
        _LOG.error("error", extra={"facts": {"job": id, "kind": "page", "result": "failed"}}, exc_info=failure)
    elif read_settings().traceback:
        _LOG.error("error", extra={"facts": {"job": id}}, exc_info=failure)
    return id
