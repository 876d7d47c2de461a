"""What a Hub on the loopback device holds: repositories with their commits, their bytes, and what is to go wrong."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from dataclasses import dataclass, field
from typing import Any

LFS_FROM_BYTES = 100_000
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
    gated: bool = False  # whether its files are for those alone who accepted its terms

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
        self.sent = 0  # bytes of all answers
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

    def entry(self, path: str, oid: str, is_lfs: bool) -> dict[str, Any]:
        """What the Hub tells of a file."""
        content = self.blobs[oid]
        told = {"type": "file", "path": path, "oid": git_oid(content), "size": len(content)}
        return {**told, "lfs": {"oid": oid, "size": len(content), "pointerSize": 130}} if is_lfs else told

    def announced(self, repo: Repo, revision: str, file: dict[str, Any]) -> dict[str, Any]:
        """How a file that is about to come shall be sent, and what stands in its place."""
        big = file["size"] >= LFS_FROM_BYTES or file["path"].endswith(_LFS_ENDINGS)
        held = repo.files(revision).get(file["path"])
        oid = None if held is None else held[0] if held[1] else git_oid(self.blobs[held[0]])
        mode = "lfs" if big and file["size"] else "regular"
        return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid}

    def commit(self, repo: Repo, branch: str, lines: list[dict[str, Any]]) -> str:
        """Applies the lines of a commit as the client sends them. Returns its id. Raises Refused."""
        header = next(line["value"] for line in lines if line["key"] == "header")
        head = repo.oid(branch)
        if header.get("parentCommit") not in (None, head):
            raise Refused(412, message="A commit has happened since. Please refresh and try again.")
        files = dict(repo.files(head))
        for line in lines:
            key, value = line["key"], line["value"]
            if key == "file":
                files[value["path"]] = (self.keep(base64.b64decode(value["content"])), False)
            elif key == "lfsFile":
                if len(self.blobs.get(value["oid"], b"")) != value["size"]:
                    raise Refused(400, message=f"LFS object {value['oid'][:12]} of {value['path']} was not uploaded")
                files[value["path"]] = (value["oid"], True)
            elif key == "deletedFile":
                files.pop(value["path"], None)
            elif key == "deletedFolder":
                files = {path: held for path, held in files.items() if not path.startswith(value["path"])}
        return repo.commit(header["summary"], files, branch)


def git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
