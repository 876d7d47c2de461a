"""The Space: settings, engine, page, launch. The only file that imports `spaces`, and only where that is installed."""

from __future__ import annotations

import os
import sys
import time
from importlib.util import find_spec

from typebeat.serving.starting import starting_page

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported
if os.environ.get("SPACE_ID") and find_spec("spaces"):
    import spaces  # before torch, which it prepares for GPUs that come and go
else:
    spaces = None


def main() -> int:
    """Loads the engines, says how it stands, and serves the page until it is stopped; returns the exit code."""
    began = time.monotonic()
    try:
        with starting_page():  # imports take seconds too
            from typebeat import page
            from typebeat.request.settings import read_settings
            from typebeat.serving import jobs, runners
            from typebeat.serving.failures import CANNOT_START

            runner = runners.open_runner(read_settings(), spaces and spaces.GPU)
        print(f"typebeat: {jobs.health(runner.engines)}, loaded in {time.monotonic() - began:.1f} s", flush=True)
        page.serve(runner, inbrowser=not os.environ.get("SPACE_ID") and sys.stdout.isatty())
    except CANNOT_START as wrong:
        print(f"typebeat: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
