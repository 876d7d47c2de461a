"""What is installed: pinned by hash for both Pythons, and under licences that were looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs import dependencies, write
from docs.dependencies import Package

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.10", "3.11")
PACKAGES = dependencies.run_time_packages()


def lock(python: str) -> dict[str, tuple[str, int]]:
    """Package -> its version, and how many hashes it may have."""
    text = (ROOT / "locks" / f"python{python}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\w)", text)
    pinned = [re.match(r"([\w.-]+)==([\w.+!]+)", entry) for entry in entries]
    assert all(pinned)
    return {
        found[1]: (found[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)))
        for found, entry in zip(pinned, entries, strict=True)
    }


def requirements() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(wanted) for line in lines if (wanted := line.partition("#")[0].strip())]


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_locked_to_a_version_that_it_allows(python: str) -> None:
    locked = lock(python)
    environment = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0"}
    for wanted in requirements():
        if wanted.marker is None or wanted.marker.evaluate(environment):
            version, _ = locked[canonicalize_name(wanted.name)]
            assert wanted.specifier.contains(version, prereleases=True), wanted


@pytest.mark.parametrize("python", PYTHONS)
def test_every_locked_package_has_hashes_and_no_index_is_named(python: str) -> None:
    assert not [name for name, (_, hashes) in lock(python).items() if not hashes]
    text = (ROOT / "locks" / f"python{python}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--\w*(index|find-links)|@ ", text)


def test_what_is_installed_is_what_the_lock_of_python_3_11_names() -> None:
    if not write.lists_licences():
        pytest.skip("the lock is for Python 3.11 on x86-64 Linux")
    assert {each.name for each in PACKAGES} <= lock("3.11").keys()
    assert lock("3.10").keys() - {each.name for each in PACKAGES} == dependencies.ONLY_ON_310.keys()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_licence_is_free_or_an_exception_with_a_reason(package: Package) -> None:
    assert package.licence != dependencies.UNKNOWN, "read its licence file, and put it into READ"
    if "GPL" in re.sub("LGPL", "", package.licence):
        pytest.fail(f"{package.name} is under {package.licence}")
    assert package.is_free or package.exception, package.licence
    assert not package.bundled or package.name in dependencies.BUNDLED, package.bundled


def test_gpl_and_unknown_licences_would_not_pass() -> None:
    for licence in ("GPL-3.0-or-later", "AGPL-3.0", "MIT AND GPL-2.0", "CC-BY-NC-4.0", "unknown", ""):
        assert not Package("new", licence).is_free
    assert Package("new", "MPL-2.0 AND (Apache-2.0 OR MIT)").is_free
    assert not Package("new", "LGPL-3.0").exception


def test_no_exception_outlives_its_package() -> None:
    names = {each.name for each in PACKAGES}
    stars = {name for name in dependencies.EXCEPTIONS if name.endswith("*")}
    gone = (dependencies.EXCEPTIONS.keys() | dependencies.BUNDLED.keys()) - stars - names
    cuda = {name for name in gone if name.startswith("cuda")}  # comes with torch for Linux alone
    assert gone <= cuda
    assert not [each.name for each in PACKAGES if each.is_free and each.exception]


def test_the_list_of_licences_is_that_of_what_is_installed() -> None:
    if write.lists_licences():
        assert dependencies.page(PACKAGES) == write.licences_page(), "make docs writes it anew"
