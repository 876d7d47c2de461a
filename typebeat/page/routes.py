"""What a machine asks the server beside the page: `/health`, `/ready`, and `/metrics` where the settings allow it.

They are plain routes of the server that Gradio starts: no queue, no session, nothing that waits for a job.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from typebeat.serving.jobs import JobRunner
from typebeat.serving.readiness import readiness
from typebeat.version import __version__

NOT_READY = 503


def routes(runner: JobRunner, *, with_metrics: bool) -> list[Route]:
    """Returns the routes of a runner, for the server's start."""

    async def health(request: Request) -> Response:
        return JSONResponse({"alive": True, "version": __version__})

    async def ready(request: Request) -> Response:
        found = readiness(runner)
        return JSONResponse(found.facts, 200 if found.is_ready else NOT_READY)

    found = [Route("/health", health), Route("/ready", ready)]
    if with_metrics:
        from typebeat.serving.metrics import CONTENT_TYPE, Metrics

        counted = Metrics(runner)

        async def metrics(request: Request) -> Response:
            return Response(counted.text(), headers={"Content-Type": CONTENT_TYPE})

        found.append(Route("/metrics", metrics))
    return found
