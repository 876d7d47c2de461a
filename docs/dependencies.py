"""Reads the licence of each package that the run time needs from what the package says of itself, and judges it.

`docs/licences.md` is written of it by `make docs`. A test fails on a licence that puts conditions on those who use
Typebeat or pass it on, unless it is an exception with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = "docs/licences.md"
UNKNOWN = "unknown"
# free to use and to pass on, as SPDX spells them; MPL-2.0 binds changes of its own files alone
FREE = {"Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "HPND", "ISC", "LLVM-exception", "MIT"}
FREE |= {"MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense"}
SPELLINGS = {  # how packages write them, in lower case without "license" -> SPDX
    "apache software": "Apache-2.0",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd": "BSD",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "isc (iscl)": "ISC",
    "mozilla public 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl-2.0 and mit": "MPL-2.0 AND MIT",
    "python software foundation": "PSF-2.0",
    "unlicense": "Unlicense",
    "gnu library or lesser general public (lgpl)": "LGPL",
    "creative commons attribution-noncommercial 4.0 international": "CC-BY-NC-4.0",
    "other/proprietary": "LicenseRef-NVIDIA-Proprietary",  # only NVIDIA's say so; another one needs a look
    "nvidia proprietary software": "LicenseRef-NVIDIA-Proprietary",
}
READ = {  # packages whose metadata names no licence -> what their licence file says
    "basic-pitch": "Apache-2.0",
    "sphn": "Apache-2.0",
    "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary",  # names NVIDIA's packages and holds no file
}
ONLY_ON_310 = {  # what Python 3.10 needs beside these, as their metadata says
    "coloredlogs": "MIT",
    "exceptiongroup": "MIT",
    "humanfriendly": "MIT",
    "tflite-runtime": "Apache-2.0",
    "tomli": "MIT",
}
_LINKED = "used unchanged, as a library that can be exchanged"
EXCEPTIONS = {  # package, or its beginning with * -> why it is here all the same
    "soxr": f"LGPL; {_LINKED}",
    "lameenc": f"LGPL; Demucs asks for it; {_LINKED}",
    "num2words": f"LGPL; audiocraft asks for it; {_LINKED}",
    "encodec": "not for commercial use; audiocraft's package asks for it, and nothing here imports it",
    "nvidia-*": "NVIDIA's own; free to run; comes with torch for Linux and is loaded on CUDA devices alone",
    "cuda-toolkit": "NVIDIA's own; names the packages above and holds no file",
}
# free libraries that put all of a programme under the GPL, by a part of their file's name
GPL_LIBRARIES = ("x264", "x265", "xvid", "vidstab", "rubberband", "fftw3", "libgsl", "libreadline")
BUNDLED = {
    "av": "x264 and x265 (GPL) lie in its wheel, beside an FFmpeg that is LGPL. audiocraft imports it to read files, "
    "which Typebeat does with soundfile. Typebeat passes no copy on; whoever passes one on in an image keeps the GPL",
}


@dataclass(frozen=True)
class Package:
    """An installed package: its name, its licence in SPDX' spelling or "unknown", and GPL libraries in its wheel."""

    name: str
    licence: str
    bundled: tuple[str, ...] = ()

    @property
    def exception(self) -> str:
        """Why it is here although its licence is not free; empty where there is no reason on record."""
        starred = (why for name, why in EXCEPTIONS.items() if name.endswith("*") and self.name.startswith(name[:-1]))
        return EXCEPTIONS.get(self.name) or next(starred, "")

    @property
    def is_free(self) -> bool:
        """Whether it may be used and passed on without conditions beyond naming its authors."""
        return all(name in FREE for name in re.split(r" (?:AND|OR|WITH) ", re.sub(r"[()]", "", self.licence)))


def run_time_packages(requirements: str = "requirements.txt") -> list[Package]:
    """Returns every package that a file of requirements brings on this machine, in alphabetical order."""
    lines = (ROOT / requirements).read_text(encoding="utf-8").splitlines()
    todo = [Requirement(wanted) for line in lines if (wanted := line.partition("#")[0].strip())]
    seen: set[tuple[str, frozenset[str]]] = set()
    found: dict[str, Package] = {}
    while todo:
        wanted = todo.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if not _applies(wanted, {""}) or (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            found[name] = Package(name, UNKNOWN)
            continue
        found[name] = Package(name, licence_of(installed), tuple(_gpl_libraries(installed)))
        inner = (Requirement(text) for text in installed.requires or ())
        todo += [_unmarked(each) for each in inner if _applies(each, extras or {""})]
    return sorted(found.values(), key=lambda package: package.name)


def licence_of(installed: Distribution) -> str:
    """Returns the licence that a package names: as an SPDX expression, by its classifier, or in its own words."""
    told = installed.metadata
    if expression := told.get("License-Expression"):
        return str(expression)
    if written := READ.get(canonicalize_name(told["Name"])):
        return written
    named = [text.rpartition("::")[2] for text in told.get_all("Classifier") or () if text.startswith("License ::")]
    own_words = [*named, str(told.get("License") or "").partition("\n")[0]]
    known = (SPELLINGS.get(" ".join(re.sub(r"\blicen[sc]e\b", "", text.lower()).split())) for text in own_words)
    return next(filter(None, known), UNKNOWN)


def page(packages: list[Package]) -> str:
    """Returns the list as a page of Markdown; versions stand in `locks/`."""
    lines = [
        "# Licences of what Typebeat installs",
        "",
        "Written by `make docs` from what each package says of itself, on Python 3.11 and x86-64 Linux; versions stand",
        "in `locks/`. Weights have licences of their own: see the README.",
        "",
        "| package | licence | note |",
        "|---|---|---|",
    ]
    for each in packages:
        note = ". ".join(filter(None, ("" if each.is_free else each.exception, BUNDLED.get(each.name, ""))))
        lines.append(f"| {each.name} | {each.licence} | {note} |")
    lines += [f"| {name} | {licence} | on Python 3.10 only |" for name, licence in ONLY_ON_310.items()]
    return "\n".join(lines) + "\n"


def _applies(wanted: Requirement, extras: set[str] | frozenset[str]) -> bool:
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras)


def _unmarked(wanted: Requirement) -> Requirement:
    wanted.marker = None
    return wanted


def _gpl_libraries(installed: Distribution) -> Iterator[str]:
    for file in installed.files or ():
        if ".so" in file.name and any(library in file.name for library in GPL_LIBRARIES):
            yield file.name
