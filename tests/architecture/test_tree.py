"""The tree says what the project is: names, processes, and what may stand in a file."""

import ast
import re
from pathlib import Path

import pytest

from services.runtime.processes import PROCESSES, installed
from tests.architecture.tree import LAYERS, ROOT, loose_files, texts, tracked

FORBIDDEN_WORDS = {"manager", "helper", "helpers", "util", "utils", "common", "data", "info"}
# Names that a library calls us by.
GIVEN = {"data_received"}
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Spelled in pieces: this file is read by its own test.
HOSTS = tuple(
    name + ending
    for name, ending in (
        ("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org"), ("npmjs", ".com"),
        ("proxy.golang", ".org"), ("crates", ".io"), ("jsdelivr", ".net"), ("unpkg", ".com"),
        ("anaconda", ".org"), ("rubygems", ".org"), ("artifactory", "."), ("jfrog", ".io"),
    )
)  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|root|home/[a-z]+|Users/[A-Za-z]+)/")
TEMPORARY_PATH = re.compile(r"(?<![\w.-])/tmp/[\w]")
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns"}


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def words_of(name: str) -> set[str]:
    return {word.lower() for word in WORD.findall(name)}


def test_each_loose_file_in_services_is_a_process_and_the_other_way_round() -> None:
    assert loose_files("services") == set(installed()) <= PROCESSES.keys()
    assert all(module == f"services.{name}" for name, module in PROCESSES.items())


@pytest.mark.parametrize("process", sorted(loose_files("services")))
def test_a_process_is_built_from_the_outside_world(process: str) -> None:
    tree = ast.parse((ROOT / "services" / f"{process}.py").read_text())

    builders = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build"
    ]
    assert [argument.arg for argument in builders[0].args.args] == ["outside"]


def named(tree: ast.AST) -> set[str]:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_no_name_says_nothing() -> None:
    empty = [
        f"{relative(path)}: {name}"
        for path in python_files(*LAYERS, "tests")
        for name in {path.stem, path.parent.name} | named(ast.parse(path.read_text()))
        if words_of(name) & FORBIDDEN_WORDS and not name.startswith("test_") and name not in GIVEN
    ]

    assert empty == []


def test_each_module_says_what_it_is() -> None:
    silent = [
        relative(path)
        for path in python_files(*LAYERS)
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]

    assert silent == []


def test_the_domain_has_no_clock() -> None:
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("domain", "contracts")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]

    assert found == []


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        relative(path)
        for path in python_files("contracts", "domain", "projections", "services")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]

    assert set(readers) <= {"services/runtime/settings.py"}


def test_no_file_names_a_package_host() -> None:
    found = [(path, host) for path, text in texts() for host in HOSTS if host in text]

    assert found == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        (path, match.group())
        for path, text in texts()
        for pattern in (MACHINE_PATH, TEMPORARY_PATH)
        for match in pattern.finditer(text)
    ]

    assert found == []


# The weights of the trained tier, one feature a line.
LEARNT = "domain/turn/tier/weights.txt"


def test_no_file_is_large_or_a_leftover() -> None:
    odd = [
        relative(path)
        for path in tracked()
        if (path.stat().st_size > 1_000_000 and relative(path) != LEARNT)
        or path.name.endswith((".orig", ".rej", ".pyc", "~"))
    ]

    assert odd == []
    assert not any(path.is_symlink() for path in tracked())
