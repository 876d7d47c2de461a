"""Draws several requests side by side on one decoder; they join and leave at any step.

There is no thread for it. One of the threads that wait for tokens runs the steps of all requests until it has what it
waits for; then another one takes over. So a request that is alone runs in its own thread, as it would without a batch,
and one thread turns tokens into sound while another draws. A forked process begins without requests.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from typebeat.engines.beat.decoder import Ask, Decoder
from typebeat.engines.forks import anew_after_fork


@dataclass(frozen=True)
class Made:
    """Tokens of a song that are drawn so far, (takes, codebooks, frames), for whoever turns them into sound."""

    tokens: Tensor
    is_last: bool


Drawing = Generator[Ask | Made, Tensor | None, None]  # how a request is drawn; it is sent the logits of each `Ask`


class Batch:
    """The requests that are drawn by one decoder now."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.begin_anew()
        anew_after_fork(self)

    def begin_anew(self) -> None:
        """Forgets all requests."""
        self._running: list[_Request] = []
        self._news = threading.Condition()  # guards `_running` and `_is_driven`
        self._is_driven = False  # whether a thread runs the steps

    def run(self, drawing: Drawing) -> Generator[Made, None, None]:
        """Yields what is made while a request is drawn; raises what its drawing raises. Closing it ends the request.

        The drawing begins in the caller's thread and may go on in others, always in inference mode.
        """
        request = _Request(drawing)
        with torch.inference_mode():
            request.go_on(None)
        with self._news:
            self._running.append(request)
        try:
            while True:
                self._wait_for(request)
                is_over = request.is_over  # read before `made`, which gets the last tokens before the request is over
                while request.made:
                    yield request.made.popleft()
                if request.error:
                    raise request.error
                if is_over:
                    return
        finally:
            with self._news:
                self._running.remove(request)

    def _wait_for(self, request: _Request) -> None:
        """Returns once a request has news; runs the steps of all requests meanwhile, unless another thread does."""
        with self._news:
            self._news.wait_for(lambda: request.has_news or not self._is_driven)
            if request.has_news:
                return
            self._is_driven = True
        try:
            with torch.inference_mode():
                while not request.has_news:
                    self._step()
        finally:
            with self._news:
                self._is_driven = False
                self._news.notify_all()

    def _step(self) -> None:
        """Runs one step of every request; those that can share it go through the decoder together."""
        with self._news:
            running = [each for each in self._running if not each.is_over]
        shared = [each for each in running if self._decoder.can_share(each.ask)]
        for each in running:
            if each not in shared:
                self._feed([each])
        if shared:
            self._feed(shared)
        with self._news:
            if any(each.has_news for each in running):
                self._news.notify_all()

    def _feed(self, requests: Sequence[_Request]) -> None:
        try:
            logits = self._decoder.step_all([each.ask for each in requests])
        except Exception as error:
            if len(requests) == 1:
                requests[0].end(error)
                return
            for each in requests:  # so that only the one to blame fails
                self._feed([each])
            return
        for each, own in zip(requests, logits, strict=True):
            each.go_on(own)


class _Request:
    """A request that is drawn: what it asks for, and the tokens that its thread has not fetched yet."""

    ask: Ask

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.made: deque[Made] = deque()
        self.error: Exception | None = None
        self.is_over = False

    @property
    def has_news(self) -> bool:
        """Whether its thread has something to do."""
        return bool(self.made) or self.is_over

    def go_on(self, logits: Tensor | None) -> None:
        """Goes on with the drawing, until it asks for the next logits or is over."""
        try:
            while isinstance(said := self._drawing.send(logits), Made):
                self.made.append(said)
                logits = None
            self.ask = said
        except StopIteration:
            self.is_over = True
        except Exception as error:
            self.end(error)

    def end(self, error: Exception) -> None:
        """Ends the request with an error, which is raised in its own thread."""
        self.error, self.is_over = error, True
