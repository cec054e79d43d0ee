"""Which room of the program imports which other: for docs/architecture.md and its test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "generator"
_ROW = re.compile(r"^(\| (`[^|]*)\|.*\|)[^|]*\|$")


@cache
def imported(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Every import of a file, wherever in it."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


@cache
def graph() -> dict[str, set[str]]:
    """Module to the modules it imports; a package only if a name is taken from the package itself."""
    names = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts): p for p in PACKAGE.rglob("*.py")}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        wanted = set()
        for node in imported(path):
            if isinstance(node, ast.ImportFrom) and node.module:
                full = {f"{node.module}.{alias.name}" for alias in node.names}
                wanted |= {one if one in names else node.module for one in full}
        found[name] = (wanted & names.keys()) - {name}
    return found


def room(module: str) -> str:
    """Room of a module: the part below generator, or a vendor's folder."""
    parts = module.split(".")[1:]
    if parts[0] == "vendors" and len(parts) > 1 and (PACKAGE / "vendors" / parts[1]).is_dir():
        return "vendors/<vendor>"
    return parts[0]


def imports() -> dict[str, set[str]]:
    """Room to the rooms it imports."""
    found: dict[str, set[str]] = {}
    for name, wanted in graph().items():
        if "." in name:
            others = {room(one) for one in wanted if "." in one} - {room(name)}
            found.setdefault(room(name), set()).update(others)
    return found


def insert(page: str) -> str:
    """Write the last column of the table of rooms."""
    known = imports()
    return "\n".join(_row(line, known) for line in page.split("\n"))


def listed(page: str) -> set[str]:
    """Rooms that the table names."""
    rows = (_ROW.match(line) for line in page.split("\n"))
    return {name.strip("` ") for row in rows if row for name in row[2].split(",")}


def _row(line: str, known: dict[str, set[str]]) -> str:
    found = _ROW.match(line)
    if not found:
        return line
    names = [name.strip("` ") for name in found[2].split(",")]
    wanted = ", ".join(sorted(set().union(*(known.get(name, set()) for name in names))))
    return f"{found[1]} {wanted + ' ' if wanted else ''}|"
