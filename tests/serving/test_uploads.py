"""An upload lives as long as the packs that were made of it."""

from __future__ import annotations

from typebeat.serving.uploads import Uploads


def test_an_upload_is_deleted_with_the_last_of_its_packs(tmp_path):
    upload, uploads = tmp_path / "loop.wav", Uploads()
    upload.write_bytes(b"sound")
    for pack in ("first", "second"):
        uploads.keep(upload, tmp_path / pack)
    uploads.drop(tmp_path / "first")
    assert upload.exists()
    uploads.drop(tmp_path / "second")
    assert not upload.exists()


def test_a_job_that_failed_leaves_its_upload_to_be_tried_again_until_the_server_ends(tmp_path):
    upload, uploads = tmp_path / "loop.wav", Uploads()
    upload.write_bytes(b"sound")
    uploads.keep(upload, tmp_path / "failed")
    uploads.leave(tmp_path / "failed")
    uploads.drop(tmp_path / "other")
    assert upload.exists()
    uploads.drop_all()
    assert not upload.exists()
