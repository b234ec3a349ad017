"""The pages for readers name what is there."""

import re

import pytest

from tests.architecture.tree import ROOT

PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "contracts/README.md",
    "deploy/RUNBOOK.md",
)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^(contracts|domain|projections|services|deploy|tests)/[\w./*-]*$")
TARGET = re.compile(r"`make ([a-z]+)`")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files(name: str) -> None:
    broken = [
        link
        for link in LINK.findall(page(name))
        if not (ROOT / name).parent.joinpath(link).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_paths_name_files(name: str) -> None:
    paths = [code for code in CODE.findall(page(name)) if PATH.match(code)]

    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("name", PAGES)
def test_targets_are_in_the_makefile(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))

    assert set(TARGET.findall(page(name))) <= targets


def test_where_is_it_is_answered_with_files() -> None:
    table = page("README.md").partition("## Where is it?")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")][1:]

    assert len(rows) > 20
    assert [row for row in rows if not CODE.search(row)] == []
