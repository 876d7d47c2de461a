"""Other processes that do work, without any: everything is done at once in this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes import FakeEngine

from typebeat.engines import Engines, Job
from typebeat.serving.work import Work, Workshop


@dataclass
class Elsewhere:
    """Attributes say what the page is told."""

    replicas: int = 1
    wrong: tuple[str, ...] = ()

    def jobs_at_once(self) -> int:
        return 2 * max(1, self.replicas)

    def processes(self) -> int:
        return self.replicas

    async def do(self, work: Work, folder: Path, job: Job) -> Any:
        return work(Workshop(Engines(FakeEngine())), folder, job)

    def facts(self) -> dict[str, Any]:
        return {"replicas": self.replicas}

    def trouble(self) -> tuple[str, ...]:
        return self.wrong
