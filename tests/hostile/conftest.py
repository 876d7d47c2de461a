"""How many hostile inputs are tried: few, and the same each time. `TYPEBEAT_EXAMPLES=2000` tries many more."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "typebeat",
    max_examples=int(os.environ.get("TYPEBEAT_EXAMPLES", "20")),
    derandomize="TYPEBEAT_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,  # `limits.within` counts processor time instead, since machines that test are busy
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("typebeat")
