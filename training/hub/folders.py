"""Folders to the Hub under a tag, and back into a cache: every way in which that fails is one line.

A folder that is pushed holds `typebeat.json`, the facts of its making; by it a repository is known as ours, so that no
other one is overwritten. What else is in the folders is not known here.
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
    """What the Hub refused, or that it did not answer, in one line."""


@dataclass(frozen=True)
class Pushed:
    """What stands on the Hub now.

    Attributes:
        repo: "owner/name".
        kind: "model" or "dataset".
        tag: The tag that names it.
        commit: The commit that the tag points to, 40 hex digits.
    """

    repo: str
    kind: str
    tag: str
    commit: str

    @property
    def name(self) -> str:
        """What TYPEBEAT_BEAT takes."""
        return f"{self.repo}@{self.tag}"


def check_may_push(repo: str, tag: str, kind: str = "model") -> None:
    """Asks the Hub, before hours are spent, whether this push would be allowed; makes nothing there.

    Raises:
        HubError: no token, one without write rights, a name that is taken, a tag that is there, no answer.
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
    """Makes the repository if need be, makes its files those of `folder`, and tags them.

    After an interruption the same call goes on: what the Hub has is not sent again, and the tag is set last.

    Raises:
        HubError: as `check_may_push`; the Hub broke off; somebody else pushed meanwhile.
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
    """Fetches "owner/name[@revision]" into the Hub's cache, or into `cache`, and returns its folder.

    Raises:
        HubError: there is no such repository or revision, the disk is full, the Hub does not answer.
    """
    repo, _, revision = name.partition("@")
    with _one_line(name):
        return Path(snapshot_download(repo, revision=revision or "main", repo_type=kind, cache_dir=cache))


def source_folder(source: str) -> tuple[Path, str]:
    """Returns the folder of a dataset and its name on the Hub, empty for a folder on this machine.

    Args:
        source: A folder, or "owner/name[@revision]" of a dataset, which is fetched.

    Raises:
        HubError: as `pull`.
    """
    folder = Path(source).expanduser()
    is_name = source.count("/") == 1 and not source.startswith((".", "~", "/"))
    if is_name and not folder.exists() and not folder.parent.exists():
        return pull(source, "dataset"), source
    return folder, ""


def push_dataset(folder: Path, repo: str, tag: str, *, private: bool = True) -> Pushed:
    """Pushes a prepared dataset, which from then on knows where it is: the card of what learns from it names it.

    Raises:
        HubError: as `push_folder`.
    """
    check_may_push(repo, tag, "dataset")
    facts = read_facts(folder)
    write_facts(folder, {**facts, "pushed_to": f"{repo}@{tag}"})
    return push_folder(folder, repo, tag, "dataset", private=private)


def read_facts(folder: Path) -> dict[str, Any]:
    """Returns what a folder's `typebeat.json` tells. Raises HubError where there is none or it is broken."""
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
    """Turns what the Hub's client raises into HubError; nothing is hidden, the cause stays attached."""
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
    except (errors.HTTPError, RuntimeError) as error:  # the latter is an upload that broke off
        raise HubError(f"the Hub cannot be reached or broke off ({_short(error)}); {again}") from error
    except ValueError as error:  # what the client makes of a card that the Hub refuses
        raise HubError(f"the Hub refuses the card of {repo} ({_short(error)})") from error


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]
