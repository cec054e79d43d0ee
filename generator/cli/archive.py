"""`examcard audit --archive`: a network's archive, read once and summarised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from generator.cli.common import FINDINGS, complain, existing, print_table
from generator.errors import UnusableInput, UsageError

if TYPE_CHECKING:
    from generator.archive.run import Workers
    from generator.archive.summary import Conformity

_LEAST_KEY, _MOST_KEY = 16, 64
_STEP = 10_000


def audit_archive(
    archive: Path,
    store: Path | None,
    key: Path | None,
    against: str | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    centre_folders: bool = False,
) -> None:
    """Bring a store up to date with an archive, write its summary as JSON and page; exit 1 on deviations."""
    _needs("pyarrow", "pydicom")
    from generator.archive.page import page
    from generator.archive.run import Reading, bring_up
    from generator.archive.store import Store, replace
    from generator.archive.summary import as_data, summarise

    if store is None or key is None:
        raise UsageError(
            "--archive goes with --store DIR and --key FILE: where results go, and a secret for pseudonyms"
        )
    root = existing(archive)
    if not root.is_dir():
        raise UnusableInput(root, "is a file; --archive takes the folder of an archive")
    if store.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{store} lies inside the archive: choose a folder outside")
    secret, conformity = _secret(key), _conformity(against)
    results = Store(store)
    results.open(secret)
    try:
        reading = Reading(str(root.resolve()), secret, centre_folders)
        lines = bring_up(results, reading, _workers(scheduler, workers), _Progress())
        data = as_data(summarise(results.read()), conformity)
    finally:
        results.close()
    replace(store / "summary.json", json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n")
    replace(store / "summary.html", page(data).encode())
    columns = ("files", "image", "other", "foreign", "damaged", "patients", "exams", "series")
    rows = [("new lines", str(lines)), *((name, str(data[name])) for name in columns)]
    print_table(str(store), ("what", "number"), rows, right=(1,))
    if any(step["conform"] < step["series"] for step in data.get("against", {}).get("steps", ())):
        raise typer.Exit(FINDINGS)


class _Progress:
    """A line for every so many files."""

    def __init__(self) -> None:
        self._said = 0

    def __call__(self, lines: int) -> None:
        if lines // _STEP > self._said:
            self._said = lines // _STEP
            complain(f"{lines} files read")


def _needs(*modules: str) -> None:
    from importlib.util import find_spec

    if missing := [name for name in modules if find_spec(name) is None]:
        raise UsageError(f"--archive needs {' and '.join(missing)}: pip install 'examcard[archive]'")


def _secret(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    if not _LEAST_KEY <= len(key) <= _MOST_KEY:
        raise UnusableInput(path, f"a key has {_LEAST_KEY} to {_MOST_KEY} bytes, this one {len(key)}")
    return key


def _workers(scheduler: str | None, number: int | None) -> Workers:
    from generator.archive.run import Cluster, Local

    if scheduler and number:
        raise UsageError("--workers is for processes of this machine; a cluster has its own")
    return Cluster(scheduler) if scheduler else Local(number)


def _conformity(against: str | None) -> Conformity | None:
    if against is None:
        return None
    from functools import cache

    from generator.archive.summary import Conformity
    from generator.errors import ExamcardError
    from generator.model.tree import ReadResult, Target
    from generator.sources import open_source
    from generator.vendors.profile import names

    source = open_source(against)

    @cache
    def asked(vendor: str, field_strength: float) -> ReadResult | None:
        if vendor not in names():
            return None
        try:
            return source.read_for(Target(vendor=vendor, field_strength=field_strength))
        except ExamcardError:  # nothing is asked of such a scanner
            return None

    return Conformity(asked)
