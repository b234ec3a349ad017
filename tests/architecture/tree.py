"""The repository as its tests see it: the tracked files and the layers."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("contracts", "domain", "projections", "services", "deploy")
TEXT = {"", ".cfg", ".css", ".html", ".js", ".json", ".jsonl", ".lock", ".md", ".py", ".service"}
TEXT |= {".sh", ".sql", ".svg", ".toml", ".txt", ".yaml", ".yml"}


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that git tracks (or would); without git, every file that is no product."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / line for line in listed.stdout.splitlines()]
    else:
        found = [path for path in ROOT.rglob("*") if not _product(path)]
    return tuple(sorted(path for path in found if path.is_file()))


def _product(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(
        part.startswith(".") or part.endswith((".egg-info", "__pycache__")) for part in parts
    )


def texts() -> Iterator[tuple[str, str]]:
    """Return each tracked text with its path."""
    for path in tracked():
        if path.suffix in TEXT:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def loose_files(folder: str) -> set[str]:
    """Return the names of the modules that lie loosely in a folder."""
    return {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__", "__main__"}
