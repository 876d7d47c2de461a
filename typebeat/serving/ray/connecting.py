"""Connects this process to a Ray cluster; whatever is wrong with an address is one line."""

from __future__ import annotations

import logging
import os
import re
import socket

AUTO, LOCAL = "auto", "local"
PATIENCE_S = 5.0  # for a machine to answer at all
_ADDRESS = re.compile(r"(?P<host>[\w.-]+|\[[\da-fA-F:]+\]):(?P<port>\d{1,5})")
_VERSIONS = re.compile(r"Ray: (\S+)\s+Python: (\S+)")
NODE_HINT = "ray start --address={} --num-cpus=0"


class ClusterError(Exception):
    """A cluster that cannot be used, or lost a job; one line that says why."""


def connect(address: str) -> None:
    """Connects this process to a cluster, or starts one on this machine alone.

    Args:
        address: "local" for a new one, "auto" for the one that runs on this machine or that RAY_ADDRESS names, else
            where its head is, as host:port. This machine must be one of its nodes.

    Raises:
        ClusterError: it cannot be reached, or is another version of Ray or Python.
    """
    if address not in (AUTO, LOCAL):
        _check_answers(address)
    elif address == AUTO and os.environ.get("RAY_ADDRESS", AUTO) not in (AUTO, LOCAL):
        _check_answers(os.environ["RAY_ADDRESS"])
    try:
        import ray
    except ImportError as error:
        raise ClusterError("TYPEBEAT_RAY and --address need Ray: pip install -r requirements-ray.txt") from error
    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to other hosts
    dashboard = {"include_dashboard": False} if address == LOCAL else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **dashboard)
    except Exception as error:  # of many classes
        raise ClusterError(why_not(error, address)) from error


def _check_answers(address: str) -> None:
    """Raises ClusterError if nobody listens at an address; Ray itself would try for a minute, and say a page."""
    found = _ADDRESS.fullmatch(address)
    if not found or not 0 < int(found["port"]) < 2**16:
        raise ClusterError(f"{address!r} is no address of a cluster: give auto, local or host:port, such as head:6379")
    try:
        socket.create_connection((found["host"].strip("[]"), int(found["port"])), PATIENCE_S).close()
    except OSError as error:
        reason = error.strerror or str(error) or "no answer"
        raise ClusterError(
            f"no Ray cluster answers at {address} ({reason}): start one with `ray start --head`, or correct the address"
        ) from error


def why_not(error: Exception, address: str) -> str:
    """Returns in one line why Ray could not connect, and what would help."""
    text = str(error)
    versions = _VERSIONS.findall(text)
    if "Version mismatch" in text and len(versions) == 2:
        (theirs, their_python), (ours, our_python) = versions
        return (
            f"the cluster runs Ray {theirs} on Python {their_python}, this process Ray {ours} on Python {our_python}: "
            "install the same on every machine"
        )
    if "Could not find any running Ray instance" in text:
        return "no Ray cluster runs on this machine: start one with `ray start --head`, or set TYPEBEAT_RAY=local"
    if type(error).__name__ == "AuthenticationError":
        return "the cluster asks for a token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN to its own"
    if "node" in text and "address" in text:
        return f"this machine is no node of the cluster at {address}: run `{NODE_HINT.format(address)}` on it first"
    return f"Ray cannot connect to {address}: {' '.join(text.split())[:200]}"
