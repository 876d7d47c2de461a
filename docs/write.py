"""Writes what the documents quote: the tables of benchmarks and the map of files.

    python docs/write.py            writes them, between markers such as <!-- figures: midi --> and <!-- end -->
    python docs/write.py --check    only names the documents that are out of date

Tables come from `benchmarks/results/*.json`. The map has one line for each module: the first line of its docstring. The
list of licences is that of the packages which are installed, with Python 3.11 on x86-64 Linux.
"""

from __future__ import annotations

import ast
import json
import platform
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a script

from benchmarks.report import RESULTS
from benchmarks.tables import table
from docs import dependencies

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "docs/architecture.md",
    "docs/quality.md",
    "training/README.md",
    "typebeat/starter/beat/README.md",
    "typebeat/starter/cover/README.md",
)
PACKAGES = ("typebeat", "training", "benchmarks")
MARKED = re.compile(r"(<!-- (figures|map): (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """Returns a document with all that stands between its markers written anew."""
    return MARKED.sub(lambda found: f"{found[1]}\n{_content(found[2], found[3])}\n\n{found[4]}", text)


def _content(kind: str, name: str) -> str:
    if kind == "map":
        return file_map(name)
    results = RESULTS / f"{name}.json"
    return table(name, json.loads(results.read_text(encoding="utf-8"))) if results.is_file() else "Not measured yet."


def file_map(package: str) -> str:
    """Returns the modules of a package as Markdown, a list for each folder."""
    lines: list[str] = []
    for path in sorted(
        (ROOT / package).rglob("*.py"), key=lambda path: (path.parent, path.name != "__init__.py", path)
    ):
        about = _first_line(path)
        if path.name == "__init__.py":
            lines += ["", f"**`{path.parent.relative_to(ROOT)}/`**: {about}", ""]
        elif about:
            lines.append(f"- `{path.name}`: {about}")
    return "\n".join(lines).strip()


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0].rstrip(".")


def lists_licences() -> bool:
    """Whether this is the kind of machine whose packages the list names."""
    return (platform.system(), platform.machine(), sys.version_info[:2]) == ("Linux", "x86_64", (3, 11))


def licences_page() -> str:
    """Returns the list of licences as it stands."""
    path = ROOT / dependencies.PAGE
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main() -> int:
    """Writes every document, or only names those that are out of date, and then returns 1 if there are any."""
    check, stale = "--check" in sys.argv[1:], []
    for name in DOCUMENTS:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        if written(before) != before:
            stale.append(name)
            if not check:
                path.write_text(written(before), encoding="utf-8")
    if lists_licences() and dependencies.page(dependencies.run_time_packages()) != licences_page():
        stale.append(dependencies.PAGE)
        if not check:
            page = dependencies.page(dependencies.run_time_packages())
            (ROOT / dependencies.PAGE).write_text(page, encoding="utf-8")
    for name in stale:
        print(f"{name} is out of date: make docs" if check else f"wrote {name}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
