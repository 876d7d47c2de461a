"""Folders go to a Hub and come back, by the real client over HTTP; every way in which that fails is one line."""

import json

import pytest
from hub_routes import OTHERS_TOKEN, READ_TOKEN
from hub_server import environment, serve
from huggingface_hub import HfApi, errors, file_download, hf_hub_download, snapshot_download
from huggingface_hub.utils import _http

from training.hub.folders import FACTS, HubError, check_may_push, pull, push_folder

CARD = "---\nlicense: mit\n---\n# A beat model\n"


@pytest.fixture
def folder(tmp_path):
    """Something to push: a card, facts, and weights that go by LFS."""
    made = tmp_path / "out"
    made.mkdir()
    (made / "README.md").write_text(CARD)
    (made / FACTS).write_text("{}")
    (made / "weights.safetensors").write_bytes(bytes(range(256)) * 2000)
    (made / "train").mkdir()
    (made / "train" / "metadata.jsonl").write_text("{}\n")
    return made


@pytest.fixture
def at_once(monkeypatch):
    """The client's pauses between tries, without the waiting; what it would have waited is returned."""
    waited = []
    monkeypatch.setattr(_http.time, "sleep", waited.append)
    return waited


def refusal(call, *args, **kwargs):
    with pytest.raises(HubError) as raised:
        call(*args, **kwargs)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_folder_comes_back_from_its_tag_byte_for_byte(hub, folder, tmp_path):
    pushed = push_folder(folder, "me/beats", "v1")
    assert hub.repos["model", "me/beats"].private
    assert hub.repos["model", "me/beats"].tags == {"v1": pushed.commit}
    back = pull(pushed.name, cache=tmp_path / "empty")
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert (back / path.relative_to(folder)).read_bytes() == path.read_bytes()
    assert hub.count("POST", "/api/validate-yaml") >= 1
    assert hub.count("PUT", "/lfs/") == 1


def test_a_dataset_is_pushed_and_what_is_gone_from_the_folder_goes_from_the_hub(hub, folder):
    push_folder(folder, "me/set", "v1", "dataset", private=False)
    (folder / "train" / "metadata.jsonl").unlink()
    push_folder(folder, "me/set", "v2", "dataset")
    repo = hub.repos["dataset", "me/set"]
    assert not repo.private
    assert "train/metadata.jsonl" in repo.files("v1")
    assert "train/metadata.jsonl" not in repo.files("v2")
    assert hub.count("PUT", "/lfs/") == 1, "what the Hub has is not sent again"


def test_a_private_repository_is_read_only_with_its_owners_token(hub, folder, monkeypatch, tmp_path):
    pushed = push_folder(folder, "me/beats", "v1")
    monkeypatch.setenv("HF_TOKEN", OTHERS_TOKEN)
    assert "no repository me/beats@v1 that you may read" in refusal(pull, pushed.name, cache=tmp_path / "a")
    monkeypatch.delenv("HF_TOKEN")
    assert "no repository me/beats@v1 that you may read" in refusal(pull, pushed.name, cache=tmp_path / "b")
    with pytest.raises(errors.RepositoryNotFoundError):
        snapshot_download("me/beats", token=False)


def test_without_a_token_nothing_is_asked(hub, folder, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    assert "there is no Hub token; log in with `hf auth login`" in refusal(push_folder, folder, "me/beats", "v1")
    assert not hub.asked


@pytest.mark.parametrize(
    ("token", "repo", "told"),
    [
        (READ_TOKEN, "me/beats", "the Hub token of me may only read; make one with write access"),
        ("hf_unknown", "me/beats", "the Hub does not know this token"),
        (OTHERS_TOKEN, "me/beats", "the Hub token is you's, who may not write to me/"),
        ("hf_write", "beats", "'beats' is no repository; it is written owner/name"),
    ],
)
def test_a_token_or_name_that_will_not_do_is_told_before_anything_is_made(hub, folder, monkeypatch, token, repo, told):
    monkeypatch.setenv("HF_TOKEN", token)
    assert told in refusal(push_folder, folder, repo, "v1")
    assert not hub.repos


def test_rights_that_only_show_when_writing_are_told_too(hub, folder, monkeypatch):
    hub.fail("POST", "/api/repos/create", 403)
    assert "this token may not write to me/beats" in refusal(push_folder, folder, "me/beats", "v1")


def test_a_name_that_is_taken_is_left_alone(hub, folder):
    api = HfApi()
    api.create_repo("me/beats")
    api.upload_file(path_or_fileobj=b"mine", path_in_repo="novel.txt", repo_id="me/beats")
    assert "me/beats is taken: that model holds novel.txt" in refusal(push_folder, folder, "me/beats", "v1")
    assert hub.read("me/beats", "novel.txt") == b"mine"
    with pytest.raises(errors.HfHubHTTPError, match="409"):
        api.create_repo("me/beats")


def test_a_tag_does_not_move(hub, folder):
    push_folder(folder, "me/beats", "v1")
    assert "has a tag v1 already" in refusal(push_folder, folder, "me/beats", "v1")
    with pytest.raises(errors.HfHubHTTPError, match="409"):
        HfApi().create_tag("me/beats", tag="v1")
    HfApi().create_branch("me/beats", branch="next")
    assert "next" in hub.repos["model", "me/beats"].branches


def test_a_folder_that_no_step_wrote_is_not_pushed(hub, folder):
    (folder / FACTS).unlink()
    assert "has no typebeat.json" in refusal(push_folder, folder, "me/beats", "v1")


def test_an_upload_that_is_cut_goes_on_where_it_was(hub, folder, at_once):
    (folder / "more.safetensors").write_bytes(b"m" * 300_000)
    hub.fail("PUT", "/lfs/", cut=True, times=100, after=1)
    assert "broke off" in refusal(push_folder, folder, "me/beats", "v1")
    assert not hub.repos["model", "me/beats"].tags
    hub.faults.clear()
    sent = hub.count("PUT", "/lfs/")
    push_folder(folder, "me/beats", "v1")
    assert hub.count("PUT", "/lfs/") == sent + 1, "only what was not there yet"
    assert hub.read("me/beats", "more.safetensors", "v1") == b"m" * 300_000


def test_a_connection_that_is_cut_once_is_only_a_retry(hub, folder, at_once):
    hub.fail("PUT", "/lfs/", cut=True)
    push_folder(folder, "me/beats", "v1")
    assert hub.count("PUT", "/lfs/") == 2


def test_a_download_that_is_cut_goes_on_from_the_byte_it_had(hub, folder, tmp_path, monkeypatch):
    pushed = push_folder(folder, "me/beats", "v1")
    monkeypatch.setattr(file_download.time, "sleep", lambda _: None)
    hub.fail("GET", "/resolve/.*weights", cut=True)
    back = pull(pushed.name, cache=tmp_path / "empty")
    assert (back / "weights.safetensors").read_bytes() == (folder / "weights.safetensors").read_bytes()
    assert hub.count("GET", "/resolve/.*weights") == 2


def test_bytes_that_are_not_what_was_announced_are_refused(hub):
    import urllib.request
    from urllib.error import HTTPError

    request = urllib.request.Request(f"{hub.url}/lfs/{'0' * 64}", data=b"else", method="PUT")
    with pytest.raises(HTTPError, match="400"):
        urllib.request.urlopen(request)


@pytest.mark.parametrize("status", [500, 503])
def test_a_hub_that_is_out_of_order_for_a_moment_is_asked_again(hub, folder, at_once, status):
    hub.fail("POST", "/objects/batch", status, times=2)
    push_folder(folder, "me/beats", "v1")
    assert hub.count("POST", "/objects/batch") == 3
    assert at_once[0] < at_once[1], "longer each time"


def test_a_hub_that_stays_out_of_order_is_told(hub, folder, at_once):
    hub.fail("POST", "/objects/batch", 503, times=100)
    told = refusal(push_folder, folder, "me/beats", "v1")
    assert "the Hub answered 503 for me/beats; run the same command again" in told


def test_a_rate_limit_is_waited_out(hub, folder, at_once):
    hub.fail("POST", "/objects/batch", 429, Retry_After="7")
    push_folder(folder, "me/beats", "v1")
    assert 8.0 in at_once, "what the Hub asked for, and a second"


def test_a_rate_limit_that_does_not_end_is_told(hub, folder, at_once):
    hub.fail("POST", "/preupload/", 429, times=100)
    assert "limits how often it is asked" in refusal(push_folder, folder, "me/beats", "v1")


def test_somebody_elses_push_in_between_is_not_overwritten(hub, folder, monkeypatch):
    push_folder(folder, "me/beats", "v1")
    (folder / FACTS).write_text('{"run": 2}')
    parent = HfApi().repo_info("me/beats").sha
    HfApi().upload_file(path_or_fileobj=b"theirs", path_in_repo="notes.txt", repo_id="me/beats")
    real = HfApi.repo_info

    def stale(api, *args, **kwargs):
        info = real(api, *args, **kwargs)
        info.sha = parent
        return info

    monkeypatch.setattr(HfApi, "repo_info", stale)
    assert "somebody else pushed to me/beats meanwhile" in refusal(push_folder, folder, "me/beats", "v2")
    assert hub.read("me/beats", "notes.txt") == b"theirs"


def test_a_card_that_the_hub_refuses_is_told(hub, folder):
    (folder / "README.md").write_text("---\nlicense: [mit, gpl]\n---\n# x\n")
    assert "the Hub refuses the card of me/beats" in refusal(push_folder, folder, "me/beats", "v1")


def test_what_is_not_there_is_404(hub, folder, tmp_path):
    assert "no repository me/nothing" in refusal(pull, "me/nothing", cache=tmp_path / "c")
    push_folder(folder, "me/beats", "v1")
    assert "no repository me/beats@v9" in refusal(pull, "me/beats@v9", cache=tmp_path / "c")
    with pytest.raises(errors.EntryNotFoundError):
        hf_hub_download("me/beats", "absent.bin", cache_dir=tmp_path / "c")


def test_a_full_disk_is_told(hub, folder, tmp_path, monkeypatch):
    pushed = push_folder(folder, "me/beats", "v1")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.hub.folders.snapshot_download", full)
    assert "the disk is full; make room" in refusal(pull, pushed.name)


def test_a_hub_that_cannot_be_reached_is_told(hub, folder, at_once):
    other, server = serve()
    server.shutdown()
    server.server_close()
    from huggingface_hub import constants

    constants.ENDPOINT = other.url  # the fixture puts it back
    assert "cannot be reached" in refusal(check_may_push, "me/beats", "v1")
    assert "cannot be reached or broke off" in refusal(pull, "me/beats")


def test_a_process_of_its_own_needs_nothing_but_its_environment(hub, folder, tmp_path):
    """The client reads HF_ENDPOINT when it is imported; this is how notebooks and commands find the Hub."""
    import os
    import subprocess
    import sys

    call = f"push_folder(Path({str(folder)!r}), 'me/own', 'v1')"
    script = f"from training.hub.folders import push_folder; from pathlib import Path; {call}"
    env = {**os.environ, **environment(hub, str(tmp_path / "home"))}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, cwd=os.getcwd())
    assert done.returncode == 0, done.stderr
    assert json.loads(hub.read("me/own", FACTS, "v1")) == {}
