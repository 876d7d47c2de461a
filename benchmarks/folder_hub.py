"""A Hub on the loopback device that serves folders and counts the bytes it sends, so that a refusal shows its cost.

A repository may get a new commit, and files may be spoilt on their way.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0" * 40
LARGE = (".bin", ".safetensors")


class Hub:
    """What is served, and how.

    Attributes:
        url: Where it listens.
        commits: Of each repository the commits that it knows, oldest first: id -> folder.
        bytes: How many were sent.
        spoil: What becomes of a large file's bytes where all of it is sent.
        after_large: Is called after each large file that was sent.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.url = ""
        self.commits = {repo: {COMMIT: folder} for repo, folder in folders.items()}
        self.bytes = 0
        self.spoil: Callable[[bytes], bytes] = lambda content: content
        self.after_large: Callable[[], None] = lambda: None
        self.one_large = threading.Lock()  # large files are sent one after the other

    def commit_of(self, repo: str, revision: str) -> str:
        """Returns the commit of a branch, or the commit itself; empty where there is none."""
        held = self.commits[repo]
        return revision if revision in held else list(held)[-1] if revision == "main" else ""


@contextmanager
def listening(folders: Mapping[str, Path]) -> Iterator[Hub]:
    """Serves folders as repositories, "owner/name" -> folder, to whoever asks."""
    hub = Hub(folders)
    server = _Server(("127.0.0.1", 0), type("Here", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving(folders: Mapping[str, Path], cache: Path) -> Iterator[Hub]:
    """Points this process's client of the Hub at folders that are served as repositories, with an empty cache.

    Args:
        folders: "owner/name" -> folder.
        cache: Where the client puts what it fetches.
    """
    from huggingface_hub import constants, hf_api

    with listening(folders) as hub:
        changed = {
            "ENDPOINT": hub.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(cache),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_OFFLINE": False,
        }
        usual, endpoint = {name: getattr(constants, name) for name in changed}, hf_api.api.endpoint
        try:
            for name, value in changed.items():
                setattr(constants, name, value)
            hf_api.api.endpoint = hub.url
            yield hub
        finally:
            for name, value in usual.items():
                setattr(constants, name, value)
            hf_api.api.endpoint = endpoint


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Says nothing of a client that hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if told := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path):
            return self._send(*self._listed(told[1], told[2] == "tree", told[3] or "main"))
        if told := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            is_whole = self.command == "GET" and told[3].endswith(LARGE) and "Range" not in self.headers
            with self.hub.one_large if is_whole else nullcontext():
                status, headers, content = self._part(*told.groups())
                self._send(status, headers, self.hub.spoil(content) if is_whole else content)
                if is_whole and status == 200:
                    self.hub.after_large()
            return None
        return self._send(404, {}, b"")

    do_HEAD = do_GET

    def _listed(self, repo: str, as_tree: bool, revision: str) -> tuple[int, dict[str, str], bytes]:
        if repo not in self.hub.commits:
            return 404, {"X-Error-Code": "RepoNotFound"}, b""
        if not (commit := self.hub.commit_of(repo, revision)):
            return 404, {"X-Error-Code": "RevisionNotFound"}, b""
        folder = self.hub.commits[repo][commit]
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        sizes = [(file.relative_to(folder).as_posix(), file.stat().st_size) for file in files]
        siblings = [{"rfilename": name, "size": size} for name, size in sizes]
        tree = [{"type": "file", "path": name, "oid": COMMIT, "size": size} for name, size in sizes]
        held = tree if as_tree else {"id": repo, "sha": commit, "tags": [], "private": False, "siblings": siblings}
        return 200, {"Content-Type": "application/json"}, json.dumps(held).encode()

    def _part(self, repo: str, revision: str, name: str) -> tuple[int, dict[str, str], bytes]:
        if repo not in self.hub.commits:
            return 404, {"X-Error-Code": "RepoNotFound"}, b""
        if not (commit := self.hub.commit_of(repo, revision)):
            return 404, {"X-Error-Code": "RevisionNotFound"}, b""
        file = self.hub.commits[repo][commit] / name
        if not file.is_file():
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit}, b""
        content = file.read_bytes()
        headers = {"X-Repo-Commit": commit, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
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
            self.hub.bytes += len(content)
            self.wfile.write(content)
