"""A Hub on the loopback device that serves folders and counts the bytes it sends, so that a refusal shows its cost."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0" * 40


class Counted:
    """How many bytes were sent."""

    bytes = 0


@contextmanager
def serving(folders: Mapping[str, Path], cache: Path) -> Iterator[Counted]:
    """Points this process's client of the Hub at folders that are served as repositories, with an empty cache.

    Args:
        folders: "owner/name" -> folder.
        cache: Where the client puts what it fetches.
    """
    from huggingface_hub import constants, hf_api

    counted = Counted()
    server = _Server(("127.0.0.1", 0), type("Here", (_Handler,), {"folders": folders, "counted": counted}))
    url = f"http://127.0.0.1:{server.server_port}"
    changed = {
        "ENDPOINT": url,
        "HUGGINGFACE_CO_URL_TEMPLATE": url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_OFFLINE": False,
    }
    usual, endpoint = {name: getattr(constants, name) for name in changed}, hf_api.api.endpoint
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        for name, value in changed.items():
            setattr(constants, name, value)
        hf_api.api.endpoint = url
        yield counted
    finally:
        for name, value in usual.items():
            setattr(constants, name, value)
        hf_api.api.endpoint = endpoint
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Says nothing of a client that hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folders: Mapping[str, Path]
    counted: Counted

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if told := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/.+)?", path):
            return self._send(*self._listed(told[1], told[2] == "tree"))
        if told := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            return self._send(*self._part(told[1], told[2]))
        return self._send(404, {}, b"")

    do_HEAD = do_GET

    def _listed(self, repo: str, as_tree: bool) -> tuple[int, dict[str, str], bytes]:
        if repo not in self.folders:
            return 404, {"X-Error-Code": "RepoNotFound"}, b""
        folder = self.folders[repo]
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        sizes = [(file.relative_to(folder).as_posix(), file.stat().st_size) for file in files]
        siblings = [{"rfilename": name, "size": size} for name, size in sizes]
        tree = [{"type": "file", "path": name, "oid": COMMIT, "size": size} for name, size in sizes]
        held = tree if as_tree else {"id": repo, "sha": COMMIT, "tags": [], "private": False, "siblings": siblings}
        return 200, {"Content-Type": "application/json"}, json.dumps(held).encode()

    def _part(self, repo: str, name: str) -> tuple[int, dict[str, str], bytes]:
        file = self.folders.get(repo, Path("nowhere")) / name
        if not file.is_file():
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b""
        content = file.read_bytes()
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            start, stop = int(asked[1]), int(asked[2] or len(content) - 1) + 1
            whole = len(content)
            return (
                206,
                {**headers, "Content-Range": f"bytes {start}-{min(stop, whole) - 1}/{whole}"},
                content[start:stop],
            )
        return 200, headers, content

    def _send(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.counted.bytes += len(content)
            self.wfile.write(content)
