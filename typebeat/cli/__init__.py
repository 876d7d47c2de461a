"""The command line: `python -m typebeat make ...`, `batch`, `midi`, `cover`, `analyze` and `weights`.

`arguments` offers the options, which are the fields of `BeatRequest`, `ReferenceOptions`, `MidiOptions` and
`CoverRequest`; `commands` runs a command; `progress` shows how far it is. Results go to stdout, everything else to
stderr. The exit code is 0 if all is done, 2 if the request is wrong, 130 if it was interrupted and 1 for any other
failure; each failure is explained in one line.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

from typebeat.cli.arguments import make_parser
from typebeat.cli.progress import ProgressLine
from typebeat.parts.writing import OutputFolderError
from typebeat.request.options import RequestError
from typebeat.request.settings import read_settings

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
_OF_THE_PROCESS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # another folder would not help


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    settings = read_settings()
    progress = ProgressLine(sys.stderr)
    try:
        options = vars(make_parser().parse_args(arguments))
        run = options.pop("run")
        run(settings, progress, **options)
        return DONE
    except RequestError as error:
        return _say(progress, str(error), WRONG)
    except KeyboardInterrupt:
        return _say(progress, "interrupted; no half pack is left", INTERRUPTED)
    except OSError as error:
        return _say(progress, _what_the_system_says(error), FAILED)
    except Exception as error:
        if settings.traceback:
            raise
        return _say(progress, _what_went_wrong(error), FAILED)


def _what_the_system_says(error: OSError) -> str:
    where = f": {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full, nothing was written{where}"
    hint = ", choose another" if isinstance(error, OutputFolderError) and error.errno not in _OF_THE_PROCESS else ""
    return f"{error.strerror or error}{hint}{where}"


def _what_went_wrong(error: Exception) -> str:
    """Returns an error of Typebeat's own as it is; of any other its kind and how to see more."""
    if type(error).__module__.startswith("typebeat."):
        return str(error)
    return f"{type(error).__name__}: {error} (TYPEBEAT_TRACEBACK=1 shows where)"


def _say(progress: ProgressLine, text: str, code: int) -> int:
    progress.end()
    print(f"typebeat: {' '.join(text.split())}", file=sys.stderr)
    return code
