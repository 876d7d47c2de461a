"""Pushes folders to the Hub under a tag, and pulls them into a cache; each way to fail is one line.

A folder that is pushed must hold `typebeat.json`, the facts of how it was made. By this file a repository is recognised
as pushed by Typebeat, so that no other repository is ever overwritten.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, errors, get_token, snapshot_download

from training.runs.errors import TrainingError

FACTS = "typebeat.json"
WRITE_TOKENS = "make one with write access at https://huggingface.co/settings/tokens"
_GITATTRIBUTES = ".gitattributes"


class HubError(TrainingError):
    """The Hub has refused something, or it cannot be reached."""


@dataclass(frozen=True)
class Pushed:
    """A folder that was pushed to the Hub.

    Attributes:
        repo: "owner/name".
        kind: "model" or "dataset".
        tag: The tag.
        commit: The commit that the tag points to, 40 hex digits.
    """

    repo: str
    kind: str
    tag: str
    commit: str

    @property
    def name(self) -> str:
        """The name with the tag, as TYPEBEAT_BEAT takes it."""
        return f"{self.repo}@{self.tag}"


def check_may_push(repo: str, tag: str, kind: str = "model") -> None:
    """Asks the Hub whether a push would be allowed, without changing anything there.

    Raises:
        HubError: there is no token with write access, the name is taken, the tag exists, or the Hub does not answer.
    """
    owner, slash, _ = repo.partition("/")
    if not slash:
        raise HubError(f"{repo!r} is no repository; it is written owner/name")
    if not tag:
        raise HubError("a tag is needed, such as v1: it is what the app is told to play")
    if get_token() is None:
        raise HubError("there is no Hub token; log in with `hf auth login`, or set HF_TOKEN")
    api = HfApi()
    with _one_line(repo):
        me = api.whoami()
        role = me.get("auth", {}).get("accessToken", {}).get("role")
        if role == "read":
            raise HubError(f"the Hub token of {me['name']} may only read; {WRITE_TOKENS}")
        if owner not in {me["name"], *(org["name"] for org in me.get("orgs", []))}:
            raise HubError(f"the Hub token is {me['name']}'s, who may not write to {owner}/")
        if not api.repo_exists(repo, repo_type=kind):
            return
        held = set(api.list_repo_files(repo, repo_type=kind)) - {_GITATTRIBUTES}
        if held and FACTS not in held:
            some = ", ".join(sorted(held)[:3])
            raise HubError(f"the name {repo} is taken: that {kind} holds {some} and was not pushed by Typebeat")
        if tag in {ref.name for ref in api.list_repo_refs(repo, repo_type=kind).tags}:
            raise HubError(f"{repo} has a tag {tag} already; tags do not move, choose another one")


def push_folder(folder: Path, repo: str, tag: str, kind: str = "model", *, private: bool = True) -> Pushed:
    """Creates the repository if needed, replaces its files with those of `folder`, and tags the commit.

    After an interruption the same call resumes: files that the Hub has are not sent again, and the tag comes last.

    Raises:
        HubError: as `check_may_push`; or the upload broke off, or somebody else pushed meanwhile.
    """
    if not (folder / FACTS).is_file():
        raise HubError(f"{folder} has no {FACTS}; only what a step of training/ wrote is pushed")
    check_may_push(repo, tag, kind)
    api = HfApi()
    with _one_line(repo):
        api.create_repo(repo, repo_type=kind, private=private, exist_ok=True)
        head = api.repo_info(repo, repo_type=kind).sha
        api.upload_folder(
            repo_id=repo, repo_type=kind, folder_path=folder, commit_message=f"Typebeat {tag}", parent_commit=head,
            delete_patterns="*", ignore_patterns=["*.part", ".cache/*"],
        )  # fmt: skip
        commit = api.repo_info(repo, repo_type=kind).sha
        api.create_tag(repo, tag=tag, revision=commit, repo_type=kind)
    return Pushed(repo, kind, tag, commit)


def pull(name: str, kind: str = "model", cache: Path | None = None) -> Path:
    """Downloads "owner/name[@revision]" into the Hub's cache, or into `cache`, and returns its folder.

    Raises:
        HubError: there is no such repository or revision, the disk is full, or the Hub does not answer.
    """
    repo, _, revision = name.partition("@")
    with _one_line(name):
        return Path(snapshot_download(repo, revision=revision or "main", repo_type=kind, cache_dir=cache))


def source_folder(source: str) -> tuple[Path, str]:
    """Returns the folder of a dataset and its name on the Hub, which is empty for a local folder.

    Args:
        source: A folder, or "owner/name[@revision]" of a dataset to download.

    Raises:
        HubError: as `pull`.
    """
    folder = Path(source).expanduser()
    is_name = source.count("/") == 1 and not source.startswith((".", "~", "/"))
    if is_name and not folder.exists() and not folder.parent.exists():
        return pull(source, "dataset"), source
    return folder, ""


def push_dataset(folder: Path, repo: str, tag: str, *, private: bool = True) -> Pushed:
    """Pushes a prepared dataset and records its name in it, for the cards of models that are trained on it.

    Raises:
        HubError: as `push_folder`.
    """
    check_may_push(repo, tag, "dataset")
    facts = read_facts(folder)
    write_facts(folder, {**facts, "pushed_to": f"{repo}@{tag}"})
    return push_folder(folder, repo, tag, "dataset", private=private)


def read_facts(folder: Path) -> dict[str, Any]:
    """Reads the `typebeat.json` of a folder. Raises HubError if it is missing or broken."""
    file = folder / FACTS
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise HubError(f"{file} cannot be read; only what a step of training/ wrote is pushed ({error})") from error


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Writes a folder's `typebeat.json`."""
    (folder / FACTS).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def _one_line(repo: str) -> Iterator[None]:
    """Turns exceptions of the Hub's client into HubErrors of one line; the cause stays attached."""
    again = "run the same command again, it goes on where it was"
    try:
        yield
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError) as error:
        raise HubError(f"the Hub has no repository {repo} that you may read") from error
    except errors.LocalEntryNotFoundError as error:
        raise HubError(f"the Hub cannot be reached or broke off before all of {repo} was there; {again}") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        told = {
            401: f"the Hub does not know this token; {WRITE_TOKENS}",
            403: f"this token may not write to {repo}; {WRITE_TOKENS}",
            409: f"the Hub says that {repo}, or its tag, exists already",
            412: f"somebody else pushed to {repo} meanwhile; run the same command again",
            429: f"the Hub limits how often it is asked; wait a few minutes, then {again}",
        }
        answer = f"the Hub answered {status} for {repo}"
        raise HubError(
            told.get(status) or f"{answer}; {again}" if status >= 500 else told.get(status, answer)
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise HubError("HF_HUB_OFFLINE is set, so the Hub is not asked") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise HubError(f"the disk is full; make room, then {again}") from error
        raise HubError(f"the Hub cannot be reached or broke off ({_short(error)}); {again}") from error
    except (errors.HTTPError, RuntimeError) as error:  # RuntimeError: an upload that broke off
        raise HubError(f"the Hub cannot be reached or broke off ({_short(error)}); {again}") from error
    except ValueError as error:  # raised for a card that the Hub refuses
        raise HubError(f"the Hub refuses the card of {repo} ({_short(error)})") from error


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]
