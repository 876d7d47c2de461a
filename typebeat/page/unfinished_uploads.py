"""Removes what an upload left that broke off: Gradio does so only for uploads that it refuses."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gradio import route_utils, routes
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect


class _Tidy(route_utils.GradioMultiPartParser):
    """Reads the files of a request; if that ends early, such as by a lost connection or a full disk, none stays."""

    async def parse(self) -> FormData:
        try:
            return await super().parse()
        except ClientDisconnect:
            self._remove_files()
            raise MultiPartException("The upload broke off") from None  # which is no fault of the server
        except BaseException:
            self._remove_files()
            raise

    def _remove_files(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()
            with suppress(FileNotFoundError):  # it was refused, and is gone
                Path(file.name).unlink()


def remove_unfinished_uploads() -> None:
    """Has Gradio leave nothing of uploads that break off."""
    for module in (route_utils, routes):
        module.GradioMultiPartParser = _Tidy
