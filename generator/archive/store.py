"""The folder of results: Parquet parts, each written whole, and which files they hold."""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from generator import __version__
from generator.archive.rows import schema
from generator.errors import ExamcardError, UnusableInput, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT_VERSION = 1
_PART = re.compile(r"part-(\d{8})\.parquet")


class Store:
    """A folder of results.

    Attributes
    ----------
    folder : Path
    parts : Path
        Its sub-folder ``headers``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.parts = folder, folder / "headers"
        self._held: IO[str] | None = None

    def open(self, key: bytes) -> None:
        """Make the folder, or go on with one of the same key.

        Raises
        ------
        UsageError
            If the folder is of another key or another version of this table, or another run writes to it.
        UnusableInput
            If it cannot be written to, or what lies in it is no store.
        """
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            self._lock()
            for left in self.parts.glob(".part-*"):
                left.unlink()  # of a run that was ended while it wrote
            self._agree(key)
        except OSError as error:
            self.close()
            raise UnusableInput(self.folder, error.strerror or str(error)) from error
        except ExamcardError:
            self.close()
            raise

    def _agree(self, key: bytes) -> None:
        """Say what the store is of, or see that it is what it says."""
        mark = blake2b(b"examcard archive", key=key, digest_size=8).hexdigest()
        said = {"version": FORMAT_VERSION, "key": mark}
        about = self.folder / "archive.json"
        if not about.exists():
            if self.files():
                raise UnusableInput(self.folder, "holds parts but no archive.json: choose another folder")
            replace(about, json.dumps({"program": __version__, **said}, indent=2).encode() + b"\n")
            return
        try:
            known = json.loads(about.read_text("utf-8"))
            there = {name: known.get(name) for name in said}
        except (ValueError, AttributeError) as error:
            raise UnusableInput(about, "is no description of a store") from error
        if there != said:
            what = "key" if there["version"] == FORMAT_VERSION else "version of this program"
            raise UsageError(f"{self.folder} was begun with another {what}; use it, or another folder")

    def _lock(self) -> None:
        """Keep other runs out, where the system has such locks; a lock goes with its process."""
        try:
            from fcntl import LOCK_EX, LOCK_NB, flock
        except ImportError:
            return
        self._held = (self.folder / ".lock").open("w")
        try:
            flock(self._held, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{self.folder} is being written by another run") from None

    def close(self) -> None:
        """Let other runs in."""
        if self._held:
            self._held.close()

    def files(self) -> list[Path]:
        """Parts, in the order of their numbers."""
        return sorted(path for path in self.parts.iterdir() if _PART.fullmatch(path.name))

    def next_number(self) -> int:
        """Number of the next part."""
        numbers = (int(match[1]) for path in self.files() if (match := _PART.fullmatch(path.name)))
        return max(numbers, default=-1) + 1

    def write(self, number: int, table: pa.Table) -> None:
        """Write a part; it is there whole or not at all."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        replace(self.parts / f"part-{number:08}.parquet", sink.getvalue().to_pybytes())

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Parts, one after the other. Raises UnusableInput for one that is damaged."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for path in self.files():
            try:
                table = pq.read_table(path, columns=columns)
            except (OSError, pa.ArrowException) as error:
                raise UnusableInput(path, f"damaged part: delete it, and run again: {error}") from error
            if columns is None and not table.schema.equals(schema()):
                raise UnusableInput(path, "a part with other columns than this program writes")
            yield table

    def seen(self) -> Seen:
        """Files that have their line; eight bytes each."""
        import pyarrow as pa

        chunks = [table["file"].combine_chunks() for table in self.read(["file"])]
        return Seen(pa.chunked_array(chunks, pa.uint64()))


class Seen:
    """A set of numbers of files, sorted, in a buffer."""

    def __init__(self, numbers: Any) -> None:
        import pyarrow.compute as pc

        order = pc.array_sort_indices(numbers)
        self._held = numbers.take(order).combine_chunks()
        size = len(self._held)
        held: Any = memoryview(self._held.buffers()[1]).cast("Q")[:size] if size else ()
        self._view: Sequence[int] = held

    def __contains__(self, number: int) -> bool:
        place = bisect_left(self._view, number)
        return place < len(self._view) and self._view[place] == number

    def __len__(self) -> int:
        return len(self._view)


def replace(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise UnusableInput(path, f"cannot be written: {error.strerror or error}") from error
