"""Walk an archive, read what has no line yet, write parts; on processes of this machine or a Dask cluster."""

from __future__ import annotations

import os
import signal
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from generator.archive.rows import digest, lost, read_batch
from generator.archive.store import Seen, Store
from generator.errors import UnusableInput, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 500
"""Files that one task reads, and lines of a part."""
AHEAD = 3
"""Tasks for each worker that wait or run; what has no place waits in the walk, so that memory stays flat."""

_UNHEARD = (signal.SIGINT, signal.SIG_IGN)
"""Ctrl-C is the parent's, which ends its workers."""

Batch = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What every task gets: the folder as the workers see it, the key, whether folders name centres."""

    root: str
    key: bytes
    folders: bool = False


def names_below(root: Path) -> Iterator[str]:
    """Yield paths of files below a folder, sorted, with ``/`` between their parts; links are not followed."""
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError as error:
        raise UnusableInput(root, error.strerror or str(error)) from error
    yield from _below(entries, "")


def _below(entries: Sequence[os.DirEntry[str]], place: str) -> Iterator[str]:
    for entry in entries:
        name = f"{place}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            with suppress(OSError):  # a folder that went away, or is closed to us, costs itself
                yield from _below(sorted(os.scandir(entry.path), key=lambda e: e.name), f"{name}/")
        elif entry.is_file(follow_symlinks=False):
            yield name


def batches(root: Path, seen: Seen, key: bytes, size: int = BATCH) -> Iterator[Batch]:
    """Files that have no line yet, so many at a time."""
    fresh = (name for name in names_below(root) if digest(name, key) not in seen)
    while batch := tuple(islice(fresh, size)):
        yield batch


def bring_up(
    store: Store, reading: Reading, workers: Workers, said: Callable[[int], None], size: int = BATCH
) -> int:
    """Read every file of an archive that has no line in the store.

    A run that is ended, however, keeps all parts that were written; the next one goes on with the rest.

    Returns
    -------
    int
        Lines written.
    """
    number, lines = store.next_number(), 0
    waiting: dict[Future[pa.Table], tuple[int, Batch]] = {}

    def take(done: Future[pa.Table]) -> None:
        nonlocal lines
        place, batch = waiting.pop(done)
        try:
            table = done.result()
        except workers.broken:
            table = alone(workers, reading, batch)
        store.write(place, table)
        lines += len(table)
        said(lines)

    with workers:
        for batch in batches(Path(reading.root), store.seen(), reading.key, size):
            while len(waiting) >= AHEAD * workers.number:
                for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                    take(done)
            waiting[workers.submit(reading, batch)] = number, batch
            number += 1
        while waiting:
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                take(done)
    return lines


def alone(workers: Workers, reading: Reading, batch: Batch) -> pa.Table:
    """Read a batch again whose worker ended; halve it until the file that ends workers is found."""
    import pyarrow as pa

    try:
        table: pa.Table = workers.submit(reading, batch).result()
        return table
    except workers.broken:
        if len(batch) == 1:
            return lost(batch, reading.key)
    half = len(batch) // 2
    return pa.concat_tables([alone(workers, reading, part) for part in (batch[:half], batch[half:])])


class Workers(AbstractContextManager["Workers"]):
    """Processes that read batches.

    Attributes
    ----------
    number : int
        How many there are.
    broken : tuple of exception types
        What a task raises whose worker ended.
    """

    number: int
    broken: tuple[type[BaseException], ...]

    @abstractmethod
    def submit(self, reading: Reading, batch: Batch) -> Future[Any]:
        """Have a batch read."""


class Local(Workers):
    """Processes of this machine; a pool that broke is made anew."""

    broken = (BrokenProcessPool,)

    def __init__(self, number: int | None = None) -> None:
        self.number = (
            number or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else number or 1
        )
        self._pool = self._make()

    def _make(self) -> Executor:
        return ProcessPoolExecutor(self.number, get_context("spawn"), signal.signal, _UNHEARD)

    def submit(self, reading: Reading, batch: Batch) -> Future[Any]:
        """Have a batch read."""
        arguments = (reading.root, batch, reading.key, reading.folders)
        try:
            return self._pool.submit(read_batch, *arguments)
        except BrokenProcessPool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = self._make()
            return self._pool.submit(read_batch, *arguments)

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


class Cluster(Workers):
    """An existing Dask cluster; its workers see the archive under the same path and have this program."""

    def __init__(self, address: str) -> None:
        try:
            import distributed
            from distributed.scheduler import KilledWorker
        except ImportError as error:
            raise UsageError("a Dask cluster needs distributed: pip install 'examcard[archive]'") from error
        self.broken = (KilledWorker,)
        try:
            self._client: Any = cast(Any, distributed).Client(address, timeout="15s")
        except (OSError, ValueError) as error:
            raise UsageError(f"no Dask scheduler at {address}: {error}") from error
        threads = sum(self._client.nthreads().values())
        if not threads:
            raise UsageError(f"the Dask scheduler at {address} has no worker")
        self.number = threads
        self._executor = self._client.get_executor(pure=False)

    def submit(self, reading: Reading, batch: Batch) -> Future[Any]:
        """Have a batch read."""
        done: Future[Any] = self._executor.submit(
            read_batch, reading.root, batch, reading.key, reading.folders
        )
        return done

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=False)
        self._client.close()
