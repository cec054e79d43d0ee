"""The work of publishing, in processes of its own: cards first, then the pages of each protocol.

A worker writes what it made and returns a few lines about it, so that memory does not grow with the number of
cards. What keeps a card from being published comes back as text; the site is then left alone.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, TypeVar

from generator.errors import ExamcardError
from generator.model.tree import Target
from generator.publish.archive import same_export
from generator.publish.card import make
from generator.publish.notice import Validation
from generator.publish.notices import unmarked
from generator.publish.pages import VERSION_FILE, protocol_pages
from generator.publish.privacy import Watch
from generator.publish.staging import put
from generator.spec.load import load
from generator.spec.spec import Spec

Task = TypeVar("Task")
_AHEAD = 4


@dataclass(frozen=True)
class Setting:
    """What every worker needs to know.

    Attributes
    ----------
    facts : mapping
        What pages and sheets say of the publication.
    draft : bool
        Whether a published file may change, as in a preview.
    """

    folder: Path
    watch: Watch
    languages: tuple[str, ...]
    facts: Mapping[str, Any]
    draft: bool = False


@dataclass(frozen=True)
class CardTask:
    """One card to build.

    Attributes
    ----------
    inputs : str
        Digest of the files that the spec was read from.
    """

    path: Path
    inputs: str
    target: Target
    donor: Path | None
    version: str
    folder: str
    protocol: str


@dataclass(frozen=True)
class PageTask:
    """The pages of one version of a protocol.

    Attributes
    ----------
    versions : mapping of str to str
        Version to day, in the order of publication; the last but one is what the change log compares with.
    slugs : tuple of str
        Targets that the publication asks for.
    validations : tuple of Validation
        Who brought one of the cards onto a console.
    statuses : mapping of str to tuple of str
        What notices say of a version.
    """

    protocol: str
    version: str
    versions: Mapping[str, str]
    slugs: tuple[str, ...]
    validations: tuple[Validation, ...] = ()
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Outcome:
    """What came of a task.

    Attributes
    ----------
    written : int
        Files that are new or differ.
    kept : list of str
        Published companions that would be different today and stay as they are.
    problems : list of str
        What must not be published, and why.
    remarks : list of str
        What the publisher should know.
    """

    written: int = 0
    kept: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def build_card(setting: Setting, task: CardTask) -> Outcome:
    """Build a card and put it into the new site."""
    try:
        spec = _spec(task.path, task.inputs)
        made = make(spec, task.target, task.version, task.donor, setting.languages, setting.facts)
    except ExamcardError as error:
        return Outcome(problems=[str(error)])
    folder = f"{task.folder}/{made.record['slug']}/{made.record['export']}"
    if setting.draft:
        shutil.rmtree(setting.folder / task.folder / made.record["slug"], ignore_errors=True)
    outcome = Outcome()
    archive = made.record["download"]["name"]
    for name in (archive, *(name for name in made.files if name != archive)):
        _publish(
            setting, outcome, f"{folder}/{name}", made.files[name], name == archive, task.donor is not None
        )
        if outcome.problems:
            break
    return outcome


@lru_cache(maxsize=2)
def _spec(path: Path, inputs: str) -> Spec:
    """Read a protocol once for all its scanners, whose cards come one after the other."""
    return load(path)


def _publish(
    setting: Setting, outcome: Outcome, name: str, content: bytes, is_export: bool, from_donor: bool
) -> None:
    """Put a file of a card into the new site, unless it is published and would change."""
    path = setting.folder / name
    if path.exists() and not setting.draft:
        published = path.read_bytes()
        if content in (published, unmarked(published) if path.suffix == ".html" else published):
            return
        if is_export and not same_export(published, content):
            message = f"{name} is published and would change; give the spec a new version"
            outcome.problems.append(f"{message}, or raise `revision` in the publication")
        else:
            outcome.kept.append(name)
        return
    if is_export and not setting.draft and (others := _others(path)):
        outcome.problems.append(
            f"{others[0]} is published; {path.name} would take its place in the same version"
        )
        return
    outcome.problems += leaks(setting, name, content, is_export and from_donor)
    if not outcome.problems:
        outcome.written += put(setting.folder, name, content)


def _others(path: Path) -> list[str]:
    """Exports of another kind that are published for the same scanner and version."""
    return sorted(other.name for other in path.parent.parent.glob("*/*_*.zip"))


def leaks(setting: Setting, name: str, content: bytes, from_donor: bool = False) -> list[str]:
    """List what a file holds that must not be published."""
    return list(dict.fromkeys(str(leak) for leak in setting.watch.search(name, content, from_donor)))


def build_pages(setting: Setting, task: PageTask) -> Outcome:
    """Render the pages of a protocol and put them into the new site."""
    outcome = Outcome()
    pages = protocol_pages(
        setting.folder,
        task.protocol,
        task.version,
        task.versions,
        task.slugs,
        setting.languages,
        setting.facts,
        task.validations,
        task.statuses,
    )
    summary = json.loads(pages[f"protocols/{task.protocol}/{task.version}/{VERSION_FILE}"])
    if summary["previous"] and not summary["changes"] and not setting.draft:
        outcome.remarks.append(
            f"{task.protocol} {task.version}: no parameter changed since {summary['previous']}"
        )
    for name, content in pages.items():
        outcome.problems += leaks(setting, name, content)
        outcome.written += put(setting.folder, name, content)
    return outcome


def run(
    work: Callable[[Setting, Task], Outcome],
    tasks: Iterable[Task],
    setting: Setting,
    pool: ProcessPoolExecutor | None,
) -> Iterator[Outcome]:
    """Do tasks, in other processes if there is a pool, and yield what came of each as it is done."""
    if pool is None:
        for task in tasks:
            yield work(setting, task)
        return
    running: set[Future[Outcome]] = set()
    for task in tasks:
        running.add(pool.submit(_in_worker, work, task))
        if len(running) >= _AHEAD * 2:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    for future in list(running):
        yield future.result()


_setting: list[Setting] = []


def start_worker(setting: Setting) -> None:
    """Give a new process what every task needs; sent once, not with each task."""
    _setting[:] = [setting]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends its workers
    # A card makes many objects and no cycles to speak of; collecting less often saves a tenth of the time.
    gc.set_threshold(400_000, 20, 100)
    parent = (
        parent_process()
    )  # asked for now, os.getppid() could already name the one that adopted this process
    threading.Thread(target=_end_with, args=(parent.pid if parent else None,), daemon=True).start()


def _end_with(parent: int | None) -> None:
    """End this process when its parent is gone: it would wait for work for ever, and hold the lock."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _in_worker(work: Callable[[Setting, Task], Outcome], task: Task) -> Outcome:
    return work(_setting[0], task)
