"""What the documents say is true: their figures are those of the results, their map is the tree, their links lead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.tables import BARS
from docs import write

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/deploy.md", *write.DOCUMENTS)
MODULES = [path for package in write.PACKAGES for path in (ROOT / package).rglob("[!0-9]*.py")]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", write.DOCUMENTS)
def test_figures_and_map_are_those_of_results_and_tree(name):
    assert write.written(read(name)) == read(name), "make docs writes them anew"


@pytest.mark.parametrize("name", [name for name in BARS if (write.RESULTS / f"{name}.json").is_file()])
def test_the_table_of_a_benchmark_stands_in_one_document(name):
    table = write._content("figures", name)
    assert [page for page in PAGES if table.splitlines()[0] in read(page) and table in read(page)] == [home_of(name)]


def home_of(name: str) -> str:
    own = {"starter": "typebeat/starter/beat/README.md", "cover": "typebeat/starter/cover/README.md"}
    return own.get(name, "training/README.md" if name == "training" else "docs/quality.md")


def test_every_module_says_on_the_map_what_it_does():
    assert not [path for path in MODULES if not write._first_line(path)]
    page = read("docs/architecture.md")
    assert not [path for path in MODULES if f"`{path.name}`" not in page and f"{path.parent.name}/`**" not in page]


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page)):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), target
