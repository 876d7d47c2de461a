"""The routes of the Hub on the loopback device: what it answers, over what `hub_store.py` holds in memory."""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from hub_store import Hub, Refused, Repo, git_oid

OWNER, WRITE_TOKEN, READ_TOKEN, OTHERS_TOKEN = "me", "hf_write", "hf_read", "hf_other"
TOKENS = {WRITE_TOKEN: (OWNER, "write"), READ_TOKEN: (OWNER, "read"), OTHERS_TOKEN: ("you", "write")}
Answer = tuple[int, dict[str, str], bytes]  # status, headers, content
_KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}


class Routes(BaseHTTPRequestHandler):
    """What each request is answered."""

    hub: Hub

    def answer(self, path: str, body: bytes) -> Answer:
        """Returns status, headers and content. Raises Refused."""
        if path.startswith("/lfs/"):
            return self.lfs_blob(path, body)
        if path == "/api/validate-yaml":
            return self.validate_card(json.loads(body))
        if path == "/api/whoami-v2":
            name, role = self.user()
            return _json({"type": "user", "name": name, "orgs": [], "auth": {"accessToken": {"role": role}}})
        if path == "/api/models":
            return self.models()
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
            held = sorted(repo.files(oid).items())
            siblings = [{"rfilename": path, "size": len(self.hub.blobs[oid])} for path, (oid, _) in held]
            told = {"id": name, "sha": repo.oid(rest or "main"), "tags": [], "private": repo.private}
            return _json({**told, "siblings": siblings, "cardData": self.card_data(repo)})
        if what == "refs":
            told = {
                where: [{"name": ref, "ref": f"refs/{short}/{ref}", "targetCommit": oid} for ref, oid in refs.items()]
                for where, short, refs in (("branches", "heads", repo.branches), ("tags", "tags", repo.tags))
            }
            return _json({**told, "converts": []})
        if what == "tree":
            revision = rest.split("/")[0]
            return _json([self.hub.entry(path, *held) for path, held in sorted(repo.files(revision).items())])
        if what == "paths-info":
            files = repo.files(rest)
            wanted = [path for path in parse_qs(body.decode()).get("paths", []) if path in files]
            return _json([self.hub.entry(path, *files[path]) for path in wanted])
        self.writer_of(name)
        if what == "preupload":
            return _json({"files": [self.hub.announced(repo, rest, file) for file in json.loads(body)["files"]]})
        if what == "commit":
            oid = self.hub.commit(repo, rest, [json.loads(line) for line in body.splitlines()])
            return _json({"success": True, "commitUrl": f"{self.hub.url}/{name}/commit/{oid}", "commitOid": oid})
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

    def card_data(self, repo: Repo) -> dict[str, Any]:
        """The front matter of a repository's card, as the Hub parses it."""
        oid, _ = repo.files("main").get("README.md", ("", False))
        found = re.match(r"---\n(.*?)\n---", self.hub.blobs.get(oid, b"").decode(errors="replace"), re.DOTALL)
        try:
            held = yaml.safe_load(found[1]) if found else {}
        except yaml.YAMLError:
            return {}
        return held if isinstance(held, dict) else {}

    def models(self) -> Answer:
        """The models that are asked for by owner or by a part of their names."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        names = [name for (kind, name), repo in self.hub.repos.items() if kind == "model" and not repo.private]
        names = [name for name in names if name.startswith(f"{asked['author']}/" if "author" in asked else "")]
        return _json([{"id": name} for name in names if asked.get("search", "") in name])

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
                verify = {"href": f"{self.hub.url}/{_prefix(kind)}{name}.git/info/lfs/objects/verify"}
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
        if repo.gated and not self.headers.get("Authorization"):
            raise Refused(401, "GatedRepo", "Access to this repository is restricted")
        if repo.gated and name.partition("/")[0] != self.user()[0]:
            raise Refused(403, "GatedRepo", "Access to this repository is restricted")
        if path not in files:
            raise Refused(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": oid})
        sha256, is_lfs = files[path]
        content = self.hub.blobs[sha256]
        headers = {
            "X-Repo-Commit": oid,
            "ETag": f'"{sha256 if is_lfs else git_oid(content)}"',
            "Accept-Ranges": "bytes",
        }
        if is_lfs:
            headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(content))}
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            start, stop = int(found[1]), int(found[2] or len(content) - 1) + 1
            told = f"bytes {start}-{min(stop, len(content)) - 1}/{len(content)}"
            return 206, {**headers, "Content-Range": told}, content[start:stop]
        return 200, headers, content


def _json(value: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _prefix(kind: str) -> str:
    return "" if kind == "model" else f"{kind}s/"
