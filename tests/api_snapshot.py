"""The contract of the named API: what `view_api` says, as programs out there rely on it.

python tests/api_snapshot.py     writes it anew, after a change that is meant
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SNAPSHOT = Path(__file__).parent / "api_snapshot.json"
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]


def endpoints(address: str) -> dict[str, Any]:
    """Returns every endpoint that a client of this server sees, with names, defaults and types of its arguments."""
    from gradio_client import Client

    api = Client(address, verbose=False).view_api(return_format="dict", print_info=False)
    return {"named": api["named_endpoints"], "unnamed": api["unnamed_endpoints"]}


if __name__ == "__main__":
    from fakes import FakeEngine
    from page_server import serve

    with serve(FakeEngine()) as url:
        SNAPSHOT.write_text(json.dumps(endpoints(url), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
