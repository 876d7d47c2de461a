"""A Hugging Face Hub on the loopback device: the HTTP routes that the real client uses, repositories in memory.

It refuses what the Hub refuses (no token, a token that may only read, bytes that are not what was announced, a commit
onto a parent that is no longer the head), and it fails on demand: `hub.fail("PUT", "/lfs/", cut=True)`. Xet is not
spoken; the client is told so by `HF_HUB_DISABLE_XET=1`. It listens on 127.0.0.1 only.

`conftest.py` makes its fixture known to all tests: `hub` is a new server that this process's client is pointed at.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

OWNER, WRITE_TOKEN, READ_TOKEN, OTHERS_TOKEN = "me", "hf_write", "hf_read", "hf_other"
TOKENS = {WRITE_TOKEN: (OWNER, "write"), READ_TOKEN: (OWNER, "read"), OTHERS_TOKEN: ("you", "write")}
LFS_FROM_BYTES = 100_000
Answer = tuple[int, dict[str, str], bytes]  # status, headers, content
_KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}
_LFS_ENDINGS = (".safetensors", ".bin", ".flac", ".wav", ".png", ".jpg")


class Refused(Exception):
    """An answer that is an error: status, X-Error-Code, X-Error-Message."""

    def __init__(
        self, status: int, code: str = "", message: str = "", headers: dict[str, str] | None = None, **body: str
    ):
        super().__init__(status)
        self.status, self.message, self.body = status, message or code, body
        self.headers = {**({"X-Error-Code": code} if code else {}), "X-Error-Message": self.message, **(headers or {})}


@dataclass
class Repo:
    """A repository: commits, oldest first, each a message and what is in it (path -> sha256 and whether by LFS)."""

    kind: str
    private: bool
    commits: list[tuple[str, str, dict[str, tuple[str, bool]]]] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, message: str, files: dict[str, tuple[str, bool]], branch: str = "main") -> str:
        oid = hashlib.sha1(f"{len(self.commits)} {message} {sorted(files)}".encode()).hexdigest()
        self.commits.append((oid, message, files))
        self.branches[branch] = oid
        return oid

    def oid(self, revision: str) -> str:
        for known in (self.branches, self.tags):
            if revision in known:
                return known[revision]
        if any(oid == revision for oid, _, _ in self.commits):
            return revision
        raise Refused(404, "RevisionNotFound")

    def files(self, revision: str) -> dict[str, tuple[str, bool]]:
        oid = self.oid(revision)
        return next(files for known, _, files in self.commits if known == oid)


@dataclass
class Fault:
    """What goes wrong with the next `times` requests that match, after `after` that go well."""

    method: str
    path: str
    status: int
    cut: bool
    times: int
    after: int
    headers: dict[str, str]


class Hub:
    """The server's state, shared by its threads under one lock."""

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Repo] = {}  # (kind, "owner/name")
        self.blobs: dict[str, bytes] = {}  # sha256 -> bytes
        self.asked: list[tuple[str, str]] = []  # method and path of each request
        self.faults: list[Fault] = []
        self.lock = threading.RLock()
        self.url = ""

    def fail(
        self,
        method: str,
        path: str,
        status: int = 0,
        *,
        cut: bool = False,
        times: int = 1,
        after: int = 0,
        **headers: str,
    ) -> None:
        """Makes the next requests of this method whose path matches the expression fail or break off half-way."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(method, path, status, cut, times, after, told))

    def count(self, method: str, path: str) -> int:
        return sum(asked == method and re.search(path, where) is not None for asked, where in self.asked)

    def fault_of(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times and fault.method == method and re.search(fault.path, path):
                    if fault.after:
                        fault.after -= 1
                        return None
                    fault.times -= 1
                    return fault
        return None

    def read(self, repo: str, path: str, revision: str = "main", kind: str = "model") -> bytes:
        """What a test wants to see of a repository."""
        return self.blobs[self.repos[kind, repo].files(revision)[path][0]]

    def keep(self, content: bytes) -> str:
        oid = hashlib.sha256(content).hexdigest()
        self.blobs[oid] = content
        return oid


class Handler(BaseHTTPRequestHandler):
    """One connection; `hub` is set by `serve`."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: Any) -> None:
        pass

    def handle_any(self) -> None:
        path = unquote(urlsplit(self.path).path)
        length = int(self.headers.get("Content-Length") or 0)
        fault = self.hub.fault_of(self.command, path)
        with self.hub.lock:
            self.hub.asked.append((self.command, path))
        if fault and fault.cut and self.command in ("PUT", "POST"):
            self.rfile.read(length // 2)
            return self.hang_up()
        body = self.rfile.read(length) if length else self.chunked_body()
        try:
            if fault and not fault.cut:
                raise Refused(fault.status, message="out of order", headers=fault.headers)
            with self.hub.lock:
                status, headers, content = self.answer(path, body)
        except Refused as error:
            status, headers, content = (
                error.status,
                error.headers,
                json.dumps({"error": error.message, **error.body}).encode(),
            )
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            if fault and fault.cut:
                self.wfile.write(content[: len(content) // 2])
                return self.hang_up()
            self.wfile.write(content)
        return None

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any

    def hang_up(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def chunked_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return b""
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    # --- routes ---

    def answer(self, path: str, body: bytes) -> Answer:
        """Returns status, headers and content. Raises Refused."""
        if path.startswith("/lfs/"):
            return self.lfs_blob(path, body)
        if path == "/api/validate-yaml":
            return self.validate_card(json.loads(body))
        if path == "/api/whoami-v2":
            name, role = self.user()
            return _json({"type": "user", "name": name, "orgs": [], "auth": {"accessToken": {"role": role}}})
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if path == "/api/repos/delete":
            return self.delete(json.loads(body))
        if found := re.fullmatch(r"/api/(models|datasets|spaces)/([^/]+/[^/]+)(?:/(.+))?", path):
            return self.api(_KINDS[found[1]], found[2], found[3] or "", body)
        if found := re.fullmatch(r"/(?:(datasets|spaces)/)?([^/]+/[^/]+)\.git/info/lfs/objects/(batch|verify)", path):
            return self.lfs_batch(_KINDS[found[1] or "models"], found[2], json.loads(body), found[3])
        if found := re.fullmatch(r"/(?:(datasets|spaces)/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self.resolve(_KINDS[found[1] or "models"], *found.groups()[1:])
        if path == "/":
            return 200, {}, b"a Hub"
        raise Refused(404)

    def user(self) -> tuple[str, str]:
        """Returns name and role of the token."""
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not token:
            raise Refused(401, message="Invalid username or password.")
        if token not in TOKENS:
            raise Refused(401, message="Invalid credentials in Authorization header")
        return TOKENS[token]

    def writer_of(self, repo: str) -> None:
        """Refuses who may not write into this repository."""
        name, role = self.user()
        if role != "write" or name != repo.partition("/")[0]:
            raise Refused(403, message="you don't have the rights to write into this namespace with this token")

    def create(self, asked: dict[str, Any]) -> Answer:
        kind, owner = asked.get("type") or "model", asked.get("organization") or self.user()[0]
        repo = f"{owner}/{asked['name']}"
        self.writer_of(repo)
        url = f"{self.hub.url}/{_prefix(kind)}{repo}"
        if (kind, repo) in self.hub.repos:
            raise Refused(409, message="You already created this repo", url=url)
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        made = self.hub.repos[kind, repo] = Repo(kind, private)
        made.commit("initial commit", {".gitattributes": (self.hub.keep(b""), False)})
        return _json({"url": url, "name": repo, "id": repo})

    def delete(self, asked: dict[str, Any]) -> Answer:
        repo = f"{asked.get('organization') or self.user()[0]}/{asked['name']}"
        self.writer_of(repo)
        del self.hub.repos[asked.get("type") or "model", repo]
        return _json({})

    def readable(self, kind: str, name: str) -> Repo:
        repo, has_token = self.hub.repos.get((kind, name)), bool(self.headers.get("Authorization"))
        mine = has_token and self.user()[0] == name.partition("/")[0]
        if repo is None or (repo.private and not mine):  # which of the two it is, the Hub does not tell
            raise Refused(404 if has_token else 401, "RepoNotFound", "Repository not found")
        return repo

    def api(self, kind: str, name: str, rest: str, body: bytes) -> Answer:
        """Everything below `/api/models/owner/name`."""
        repo = self.readable(kind, name)
        what, _, rest = rest.partition("/")
        if what in ("", "revision"):
            oid = repo.oid(rest or "main")
            siblings = [{"rfilename": path} for path in sorted(repo.files(oid))]
            return _json({"id": name, "sha": oid, "tags": [], "private": repo.private, "siblings": siblings})
        if what == "refs":
            told = {
                where: [{"name": ref, "ref": f"refs/{short}/{ref}", "targetCommit": oid} for ref, oid in refs.items()]
                for where, short, refs in (("branches", "heads", repo.branches), ("tags", "tags", repo.tags))
            }
            return _json({**told, "converts": []})
        if what == "tree":
            revision = rest.split("/")[0]
            return _json([self.entry(path, *held) for path, held in sorted(repo.files(revision).items())])
        if what == "paths-info":
            files = repo.files(rest)
            wanted = [path for path in parse_qs(body.decode()).get("paths", []) if path in files]
            return _json([self.entry(path, *files[path]) for path in wanted])
        self.writer_of(name)
        if what == "preupload":
            return _json({"files": [self.announced(repo, rest, file) for file in json.loads(body)["files"]]})
        if what == "commit":
            return self.commit(repo, name, rest, [json.loads(line) for line in body.splitlines()])
        refs = repo.tags if what == "tag" else repo.branches if what == "branch" else None
        if refs is None:
            raise Refused(404)
        if self.command == "DELETE":
            del refs[rest]
            return _json({})
        asked = json.loads(body)
        ref, start = (asked["tag"], rest) if what == "tag" else (rest, asked.get("startingPoint") or "main")
        if ref in refs:
            raise Refused(409, message=f"the {what} {ref} exists")
        refs[ref] = repo.oid(start)
        return _json({})

    def entry(self, path: str, oid: str, is_lfs: bool) -> dict[str, Any]:
        content = self.hub.blobs[oid]
        told = {"type": "file", "path": path, "oid": _git_oid(content), "size": len(content)}
        return {**told, "lfs": {"oid": oid, "size": len(content), "pointerSize": 130}} if is_lfs else told

    def announced(self, repo: Repo, revision: str, file: dict[str, Any]) -> dict[str, Any]:
        big = file["size"] >= LFS_FROM_BYTES or file["path"].endswith(_LFS_ENDINGS)
        held = repo.files(revision).get(file["path"])
        oid = None if held is None else held[0] if held[1] else _git_oid(self.hub.blobs[held[0]])
        mode = "lfs" if big and file["size"] else "regular"
        return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid}

    def commit(self, repo: Repo, name: str, branch: str, lines: list[dict[str, Any]]) -> Answer:
        header = next(line["value"] for line in lines if line["key"] == "header")
        head = repo.oid(branch)
        if header.get("parentCommit") not in (None, head):
            raise Refused(412, message="A commit has happened since. Please refresh and try again.")
        files = dict(repo.files(head))
        for line in lines:
            key, value = line["key"], line["value"]
            if key == "file":
                files[value["path"]] = (self.hub.keep(base64.b64decode(value["content"])), False)
            elif key == "lfsFile":
                if len(self.hub.blobs.get(value["oid"], b"")) != value["size"]:
                    raise Refused(400, message=f"LFS object {value['oid'][:12]} of {value['path']} was not uploaded")
                files[value["path"]] = (value["oid"], True)
            elif key == "deletedFile":
                files.pop(value["path"], None)
            elif key == "deletedFolder":
                files = {path: held for path, held in files.items() if not path.startswith(value["path"])}
        oid = repo.commit(header["summary"], files, branch)
        return _json({"success": True, "commitUrl": f"{self.hub.url}/{name}/commit/{oid}", "commitOid": oid})

    def lfs_batch(self, kind: str, name: str, asked: dict[str, Any], what: str) -> Answer:
        self.readable(kind, name)
        self.writer_of(name)
        if what == "verify":
            if len(self.hub.blobs.get(asked["oid"], b"")) != asked["size"]:
                raise Refused(404, message="not uploaded")
            return _json({})
        objects = []
        for each in asked["objects"]:
            told = {"oid": each["oid"], "size": each["size"]}
            if each["oid"] not in self.hub.blobs:
                verify = {
                    "href": f"{self.hub.url}/{'' if kind == 'model' else kind + 's/'}{name}.git/info/lfs/objects/verify"
                }
                told["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{each['oid']}"}, "verify": verify}
            objects.append(told)
        return _json({"transfer": "basic", "objects": objects})

    def lfs_blob(self, path: str, body: bytes) -> Answer:
        if hashlib.sha256(body).hexdigest() != path.removeprefix("/lfs/"):
            raise Refused(400, message="the bytes are not those that were announced")
        self.hub.keep(body)
        return 200, {}, b""

    def validate_card(self, asked: dict[str, Any]) -> Answer:
        """As the Hub: YAML that can be read, a licence that is a word, a model index of the right shape."""
        found = re.match(r"---\n(.*?)\n---", asked["content"], re.DOTALL)
        errors = []
        try:
            held = yaml.safe_load(found[1]) if found else {}
            if not isinstance(held.get("license", ""), str):
                errors.append("license must be a string")
            for entry in held.get("model-index", []):
                if not all({"task", "dataset", "metrics"} <= set(result) for result in entry["results"]):
                    errors.append("model-index: each result has a task, a dataset and metrics")
        except yaml.YAMLError as error:
            errors.append(f"no YAML: {error}")
        told = {"errors": [{"message": message} for message in errors], "warnings": []}
        return 400 if errors else 200, {"Content-Type": "application/json"}, json.dumps(told).encode()

    def resolve(self, kind: str, name: str, revision: str, path: str) -> Answer:
        repo = self.readable(kind, name)
        oid = repo.oid(revision)
        files = repo.files(revision)
        if path not in files:
            raise Refused(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": oid})
        sha256, is_lfs = files[path]
        content = self.hub.blobs[sha256]
        headers = {
            "X-Repo-Commit": oid,
            "ETag": f'"{sha256 if is_lfs else _git_oid(content)}"',
            "Accept-Ranges": "bytes",
        }
        if is_lfs:
            headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(content))}
        if found := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or ""):
            start, whole = int(found[1]), len(content)
            return 206, {**headers, "Content-Range": f"bytes {start}-{whole - 1}/{whole}"}, content[start:]
        return 200, headers, content


def _json(value: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _prefix(kind: str) -> str:
    return "" if kind == "model" else f"{kind}s/"


def _git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def serve() -> tuple[Hub, ThreadingHTTPServer]:
    """Starts a Hub in threads of its own; `server.shutdown()` ends it."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return hub, server


def environment(hub: Hub, home: str, token: str = WRITE_TOKEN) -> dict[str, str]:
    """What a process must find in its environment before it imports the client."""
    return {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": home,
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A new Hub, with the client of this process pointed at it, an empty cache and a token that may write."""
    from huggingface_hub import constants, hf_api
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    hub, server = serve()
    home = tmp_path / "hf-home"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(hf_api.api, "endpoint", hub.url)  # what the cards' functions use
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    for name, value in environment(hub, str(home)).items():
        monkeypatch.setenv(name, value)
    yield hub
    server.shutdown()
    server.server_close()
