"""Headers of a network's archive: how many a second and core, and whether memory grows with them.

``python -m bench.archive`` makes archives of headers that never were (tests/support/headers.py) of growing
size and reads each into a store on two processes; a bare pydicom loop and dicompare read a sample of the same
files in the same run. ``--kill`` ends the largest run twice and goes on; ``--dask`` reads it on two Dask
workers of this machine, one of which is killed on the way.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator.archive.rows import read_batch
from generator.archive.run import BATCH, names_below
from generator.archive.store import Store
from tests.support import headers

ROOT = Path(__file__).resolve().parent.parent
ORACLE = ROOT / ".venv-oracles" / "bin" / "python"
KEY = b"0123456789abcdef0123456789abcdef"
SAMPLE, IMAGES = 2000, 32
_RUN = """
import json, sys
from pathlib import Path
from generator.archive import run
from generator.archive.store import Store
if __name__ == "__main__":
    said = json.loads(sys.argv[1])
    store = Store(Path(said["folder"]))
    store.open(said["key"].encode())
    workers = run.Cluster(said["scheduler"]) if said["scheduler"] else run.Local(2)
    reading = run.Reading(said["archive"], said["key"].encode())
    run.bring_up(store, reading, workers, lambda lines: print(lines, flush=True))
"""
_DICOMPARE = """
import sys, time, dicompare
start = time.perf_counter()
dicompare.load_dicom_session(session_dir=sys.argv[1], show_progress=False)
print(time.perf_counter() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--headers", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--dask", action="store_true")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        report(Path(place), said.headers, said.kill, said.dask)


def report(place: Path, sizes: Sequence[int], kill: bool, dask: bool) -> None:
    """Make archives of these sizes, measure, and print."""
    archive = place / "archive"
    for size in sorted(sizes):
        exams = size // (len(headers.SEQUENCES) * IMAGES)
        start = time.perf_counter()
        made = headers.write(archive, exams, IMAGES)
        print(f"\n{made} headers made in {time.perf_counter() - start:.0f} s", flush=True)
        _peers(archive, place)
        store = place / f"store{size}"
        seconds, peak = _whole(archive, store)
        print(
            f"two processes: {made / seconds:.0f} headers/s, {seconds:.1f} s; peak MB here {peak}", flush=True
        )
    expected = _lines(store)
    if kill:
        print("killed at a third and at two thirds, and gone on:", _killed(archive, place / "killed", made))
        print("same lines:", _lines(place / "killed") == expected, flush=True)
    if dask:
        with _cluster(place) as (address, processes):
            seconds = _dask(archive, place / "dask", address)
            print(
                f"two Dask workers: {made / seconds:.0f} headers/s; same parts:", _same(store, place / "dask")
            )
            _dask(archive, place / "mourned", address, processes[1], made)
            print("one of them killed at a third; same parts:", _same(store, place / "mourned"), flush=True)


def _peers(archive: Path, place: Path) -> None:
    """Ours in this process, a bare loop and dicompare, on one sample, best of three turns."""
    names = [name for _, name in zip(range(SAMPLE), names_below(archive), strict=False)]
    ours = bare = float("inf")
    for _ in range(3):
        ours = min(ours, _timed(lambda: read_batch(str(archive), names, KEY)))
        bare = min(bare, _timed(lambda: _bare(archive, names)))
    row = f"one core, headers/s: examcard {len(names) / ours:.0f}, bare pydicom loop {len(names) / bare:.0f}"
    if ORACLE.exists():
        sample = place / "sample"
        for name in names[:500]:
            (sample / name).parent.mkdir(parents=True, exist_ok=True)
            (sample / name).write_bytes((archive / name).read_bytes())
        done = subprocess.run([ORACLE, "-c", _DICOMPARE, sample], capture_output=True, text=True)
        row += f", dicompare {min(500, len(names)) / float(done.stdout):.0f}" if done.returncode == 0 else ""
    print(row, flush=True)


def _bare(archive: Path, names: Sequence[str]) -> None:
    import pydicom

    for name in names:
        pydicom.dcmread(archive / name, stop_before_pixels=True)


def _timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _start(archive: Path, store: Path, scheduler: str = "") -> subprocess.Popen[str]:
    said = {"archive": str(archive), "folder": str(store), "key": KEY.decode(), "scheduler": scheduler}
    command = [sys.executable, "-c", _RUN, json.dumps(said)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def _whole(archive: Path, store: Path) -> tuple[float, str]:
    """Seconds of a run, and its memory at its end by quarters of the way: here, and in its workers."""
    start = time.perf_counter()
    process = _start(archive, store)
    marks = [(int(line), _memory(process.pid)) for line in process.stdout or ()]
    process.wait()
    chosen = [marks[len(marks) * quarter // 4 - 1] for quarter in (1, 2, 3, 4)] if len(marks) >= 4 else marks
    return time.perf_counter() - start, ", ".join(f"{lines}: {memory}" for lines, memory in chosen)


def _memory(pid: int) -> str:
    """Resident megabytes of a process, and of the largest of its children."""
    import psutil

    try:
        process = psutil.Process(pid)
        children = [child.memory_info().rss for child in process.children(recursive=True)]
        return f"{process.memory_info().rss >> 20} + {max(children, default=0) >> 20}"
    except psutil.NoSuchProcess:
        return "ended"


def _killed(archive: Path, store: Path, made: int) -> list[int]:
    """End a run twice, with all its processes, then let it finish; lines after each."""
    after = []
    for share in (1 / 3, 2 / 3):
        process = _start(archive, store)
        target = (
            made * share - sum(len(table) for table in Store(store).read(["file"]))
            if store.exists()
            else made * share
        )
        for line in process.stdout or ():
            if int(line) >= target:
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        after.append(sum(len(table) for table in Store(store).read(["file"])))
    process = _start(archive, store)
    process.communicate()
    return [*after, sum(len(table) for table in Store(store).read(["file"]))]


def _lines(store: Path) -> list[int]:
    return sorted(number for table in Store(store).read(["file"]) for number in table["file"].to_pylist())


def _same(one: Path, other: Path) -> bool:
    first, second = Store(one).files(), Store(other).files()
    return len(first) == len(second) and all(
        a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True)
    )


@contextmanager
def _cluster(place: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers of this machine."""
    file = place / "scheduler.json"
    module = [sys.executable, "-m"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": place}
    scheduler = ["distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    worker = ["distributed.cli.dask_worker", "--no-dashboard", "--no-nanny", "--nthreads", "1"]
    processes = [subprocess.Popen([*module, *scheduler, "--scheduler-file", str(file)], **quiet)]
    try:
        processes += [
            subprocess.Popen([*module, *worker, "--scheduler-file", str(file)], **quiet) for _ in range(2)
        ]
        while not (file.exists() and file.read_text()):
            time.sleep(0.1)
        time.sleep(5)
        yield str(json.loads(file.read_text())["address"]), processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _dask(
    archive: Path, store: Path, address: str, victim: subprocess.Popen[bytes] | None = None, made: int = 0
) -> float:
    start = time.perf_counter()
    process = _start(archive, store, address)
    for line in process.stdout or ():
        if victim and int(line) >= made / 3:
            victim.kill()
            victim = None
    if process.wait():
        raise SystemExit(f"the run on the cluster ended with {process.returncode}")
    return time.perf_counter() - start


if __name__ == "__main__":
    print(f"parts of {BATCH} lines")
    main()
