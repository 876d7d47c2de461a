"""Says in one plain line what a licence of weights means for somebody who makes beats. This is no legal advice."""

from __future__ import annotations

FREE = ("mit", "apache-2.0", "bsd-3-clause", "cc0-1.0", "unlicense")
NON_COMMERCIAL = "-nc"  # in every Creative Commons licence that says so
RESEARCH = "research-only"
OPEN_RAIL = "openrail"


def plain_licence(name: str) -> str:
    """Returns one sentence on what a licence allows with what its weights make; `name` is like SPDX's."""
    spdx = name.strip().lower()
    if spdx in FREE:
        return f"{name}: use and sell what it makes, no credit needed."
    if NON_COMMERCIAL in spdx:
        return f"{name}: not for commercial use; do not sell or monetise what it makes."
    if spdx == RESEARCH:
        return f"{name}: not for commercial use; its author gives it for research alone."
    if OPEN_RAIL in spdx:
        return f"{name}: use and sell what it makes, but not for the harmful uses that the licence lists."
    if spdx in ("", "unknown"):
        return "unknown licence: ask whoever made the weights before you publish what they make."
    return f"{name}: read that licence before you publish what it makes."
