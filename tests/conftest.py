"""Fixtures that more than one test module uses."""

from hub_server import hub

__all__ = ["hub"]
