"""The borders between the rooms, read off the imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from docs import rooms
from generator import vendors
from generator.vendors.profile import profile

PACKAGE = Path(__file__).resolve().parent.parent / "generator"
MODULES = sorted(PACKAGE.rglob("*.py"))

SHARED = {path.stem for path in (PACKAGE / "vendors").glob("*.py")}

# room -> first parts of module names that it may not import, and why
BORDERS = {
    "model": (("generator.",), ("generator.model", "generator.text"), "the tree knows nobody"),
    "timing": (
        ("generator.",),
        ("generator.model", "generator.timing", "generator.text", "generator.vendors.profile"),
        "timing knows the tree, and of vendors what their profiles say",
    ),
    "rules": (
        ("generator.vendors", "generator.cli", "generator.publish"),
        ("generator.vendors.profile",),
        "no rule knows a vendor file",
    ),
    "contrast": (
        ("generator.",),
        (
            "generator.contrast",
            "generator.memory",
            "generator.model",
            "generator.timing",
            "generator.text",
            "generator.resources",
            "generator.yaml",
            "generator.vendors.profile",
        ),
        "contrast knows the tree, its tables and how lines are counted",
    ),
    "spec": (
        ("generator.rules", "generator.timing", "generator.cli", "generator.vendors.ge", "generator.publish"),
        (),
        "a spec is text and tree",
    ),
    "fit": (
        ("generator.vendors", "generator.cli", "generator.publish", "generator.pipeline", "generator.output"),
        ("generator.vendors.profile",),
        "fitting knows the tree, times and rules; no vendor and no file",
    ),
    "publish": (
        ("generator.cli", *(f"generator.vendors.{vendor}" for vendor in vendors.names())),
        (),
        "a site is made from cards and records, whoever asks for it and whatever the format",
    ),
    "vendors": (
        (
            "generator.spec",
            "generator.rules",
            "generator.timing",
            "generator.cli",
            "generator.publish",
        ),
        (),
        "a dialect knows the tree and its own files",
    ),
}


def imports(path: Path) -> set[str]:
    """Absolute names of every module a file imports, wherever in the file."""
    found: set[str] = set()
    for node in rooms.imported(path):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif node.module:
            assert node.level == 0, f"{path}: imports are written in full"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("room", sorted(BORDERS))
def test_rooms_keep_their_borders(room: str) -> None:
    forbidden, allowed, why = BORDERS[room]
    files = sorted((PACKAGE / room).rglob("*.py"))
    assert files, f"no room {room}"
    for path in files:
        for name in imports(path):
            crossed = name.startswith(forbidden) and not (allowed and name.startswith(allowed))
            assert not crossed, f"{path.relative_to(PACKAGE)} imports {name}: {why}"


@pytest.mark.parametrize("vendor", vendors.names())
def test_no_vendor_imports_another(vendor: str) -> None:
    for path in sorted((PACKAGE / "vendors" / vendor).rglob("*.py")):
        for name in imports(path):
            if name.startswith("generator.vendors."):
                part = name.split(".")[2]
                assert part in {vendor, *SHARED}, f"{path.relative_to(PACKAGE)} imports {name}"


@pytest.mark.parametrize("vendor", vendors.names())
def test_a_dialect_fulfils_the_contract_alone(vendor: str) -> None:
    dialect = vendors.get(vendor)
    assert dialect.vendor == vendor
    assert profile(vendor).title and profile(vendor).software
    assert dialect.formats
    assert all(callable(getattr(dialect, verb)) for verb in ("sniff", "read", "inspect", "build"))


def test_only_the_command_line_prints() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if path.relative_to(PACKAGE).parts[0] == "cli" or not re.search(r"\b(print|eval|exec)\b", text):
            continue
        calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
        printing = [
            n for n in calls if isinstance(n.func, ast.Name) and n.func.id in {"print", "eval", "exec"}
        ]
        assert not printing, f"{path.relative_to(PACKAGE)}: line {printing[0].lineno}"


def _reach(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    queue = [*graph[start]]
    while queue:
        if (name := queue.pop()) not in seen:
            seen.add(name)
            queue += graph[name]
    return seen


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = rooms.graph()
    circles = {name for name in graph if name in _reach(graph, name)}
    assert circles == set()


def test_the_table_of_rooms_in_the_docs_equals_the_imports() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert rooms.listed(page) == set(rooms.imports()), "docs/architecture.md names every room"
    assert rooms.insert(page) == page, "the imports have changed: `make docs`"


def test_what_a_browser_lacks_is_asked_for_at_one_door() -> None:
    """Neither lxml nor libyaml is there; what needs them anyway says so and goes on without."""
    doors = {"xml.py", "yaml.py", "vendors/canon/sheet.py"}
    others = [path for path in MODULES if path.relative_to(PACKAGE).as_posix() not in doors]
    assert len(others) == len(MODULES) - len(doors)
    for path in others:
        text = path.read_text(encoding="utf-8")
        assert "import lxml" not in text and "from lxml" not in text, f"{path}: XML is read by generator.xml"
        assert "CSafeLoader" not in text and "CLoader" not in text, f"{path}: YAML is read by generator.yaml"
