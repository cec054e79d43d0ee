"""A network's archive: every file its line, once, whatever ends in between; nobody named; what drifts."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from generator.archive import rows
from generator.archive.run import Batch, Local, Reading, Workers, bring_up, names_below
from generator.archive.store import Store
from generator.archive.summary import as_data, summarise
from generator.cli.archive import audit_archive
from generator.cli.commands import app
from generator.errors import UnusableInput, UsageError
from tests.support import headers

pa = pytest.importorskip("pyarrow", reason="the extra `archive` is not installed")

KEY = b"0123456789abcdef0123456789abcdef"
SIZE = 20
"""Files of a batch in these tests."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 exams of 3 series and 4 images, and a broken file, one of another kind, one that is no DICOM."""
    folder = tmp_path_factory.mktemp("archive")
    assert headers.write(folder, exams=24, images=4, drift=500) == 288
    cut = next(iter(headers.files(1, 1)))[1][:200]
    (folder / "centre0" / "broken.dcm").write_bytes(cut)
    (folder / "centre0" / "report.dcm").write_bytes(headers.header({}, "1.2.840.10008.5.1.4.1.1.88.11"))
    (folder / "centre1" / "Thumbs.db").write_bytes(b"no dicom")
    return folder


@pytest.fixture(scope="module")
def whole(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of an undisturbed run in one process."""
    return run(archive, tmp_path_factory.mktemp("whole") / "results").folder


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Store:
    """A copy of them, to go on with."""
    return Store(Path(copytree(whole, tmp_path / "copy")))


class Here(Workers):
    """Reads in this process, so that faults can be put in."""

    number = 2
    broken = (EOFError,)

    def __init__(self, fatal: str = "") -> None:
        self.fatal, self.batches = fatal, 0

    def submit(self, reading: Reading, batch: Batch) -> Future[Any]:
        done: Future[Any] = Future()
        self.batches += 1
        if self.fatal and any(name.endswith(self.fatal) for name in batch):
            done.set_exception(EOFError("the worker ended"))
        else:
            done.set_result(rows.read_batch(reading.root, batch, reading.key, reading.folders))
        return done

    def __exit__(self, *_: object) -> None:
        pass


def run(archive: Path, folder: Path, workers: Workers | None = None, **more: Any) -> Store:
    store = Store(folder)
    store.open(KEY)
    try:
        bring_up(store, Reading(str(archive), KEY, **more), workers or Here(), lambda _: None, SIZE)
    finally:
        store.close()
    return store


def lines(store: Store) -> list[dict[str, Any]]:
    return sorted((row for table in store.read() for row in table.to_pylist()), key=lambda row: row["file"])


def test_every_file_has_one_line(archive: Path, store: Store) -> None:
    found = lines(store)
    assert [row["file"] for row in found] == sorted(rows.digest(name, KEY) for name in names_below(archive))
    kinds = [row["kind"] for row in found]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "image": 288, "damaged": 1, "other": 1, "foreign": 1,
    }  # fmt: skip
    one = next(row for row in found if row["name"] == "FLAIR" and row["vendor"] == "siemens")
    assert (one["inversion_time"], one["echo_time"], one["field_strength"]) == (1800, 390, 3)
    assert (one["technique"], one["mr_acquisition_type"], one["echo_train_length"]) == (
        "turbo_spin_echo", "3D", 250,
    )  # fmt: skip


def test_nobody_is_named(archive: Path, store: Store, tmp_path: Path) -> None:
    text = json.dumps([*lines(store), as_data(summarise(store.read()))])
    raw = b"".join(path.read_bytes() for path in store.files())
    for said in ("PAT0000", "Nobody", "Hospital", "1000", headers.ROOT, "exam0", "centre0", str(archive)):
        assert said not in text and said.encode() not in raw
    other = Store(tmp_path / "other")
    other.open(KEY[::-1])
    bring_up(other, Reading(str(archive / "centre0"), KEY[::-1]), Here(), lambda _: None, SIZE)
    other.close()
    assert {row["patient"] for row in lines(store)} & {row["patient"] for row in lines(other)} == {None}


def test_a_second_run_adds_what_is_new(archive: Path, store: Store) -> None:
    before = [path.read_bytes() for path in store.files()]
    again = Here()
    run(archive, store.folder, again)
    assert (again.batches, [path.read_bytes() for path in store.files()]) == (0, before)
    late = archive / "centre2" / "late.dcm"
    late.write_bytes(next(iter(headers.files(1, 1)))[1])
    try:
        run(archive, store.folder, again)
    finally:
        late.unlink()
    assert (again.batches, len(lines(store))) == (1, 292)


def test_a_lost_part_is_read_again(archive: Path, store: Store) -> None:
    before = lines(store)
    for path in store.files()[3:6]:
        path.unlink()
    (store.parts / ".part-00000003.parquet.1").write_bytes(b"half of a part")
    assert lines(run(archive, store.folder)) == before
    assert not list(store.parts.glob(".*"))


def test_a_file_that_ends_workers_costs_its_line(archive: Path, tmp_path: Path) -> None:
    exams = archive / "centre1" / "exam00007"
    found = lines(run(exams, tmp_path / "results", Here(fatal="1/00002.dcm")))
    lost = [row for row in found if row["error"] == "reading it ended the process"]
    assert (len(found), len(lost)) == (12, 1)
    sound = lines(run(exams, tmp_path / "sound"))
    assert [row for row in found if row not in lost] == [
        row for row in sound if row["file"] != lost[0]["file"]
    ]


def test_processes_write_the_same_parts(archive: Path, store: Store, tmp_path: Path) -> None:
    there = run(archive, tmp_path / "there", Local(2))
    assert [p.read_bytes() for p in store.files()] == [p.read_bytes() for p in there.files()]


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    first = Store(tmp_path / "results")
    first.open(KEY)
    with pytest.raises(UsageError, match="being written by another run"):
        Store(tmp_path / "results").open(KEY)
    first.close()
    with pytest.raises(UsageError, match="begun with another key"):
        Store(tmp_path / "results").open(KEY[::-1])


def test_a_damaged_part_is_named(store: Store) -> None:
    store.files()[2].write_bytes(b"PAR1 and no more")
    with pytest.raises(UnusableInput, match=r"part-00000002.parquet: damaged part: delete it"):
        list(store.read())


def test_folders_may_name_the_centres(archive: Path, tmp_path: Path) -> None:
    exams = tmp_path / "exams"
    copytree(archive / "centre1" / "exam00007", exams / "Our centre")
    data = as_data(summarise(run(exams, tmp_path / "results", folders=True).read()))
    assert {group["centre"] for group in data["groups"]} == {"Our centre"}


def test_the_summary_counts_and_finds_the_drift(store: Store) -> None:
    data = as_data(summarise(store.read()))
    assert (data["exams"], data["series"], data["image"], data["patients"]) == (24, 72, 288, 12)
    centres = {group["centre"] for group in data["groups"]}
    assert len(centres) == 3 and all(re.fullmatch("centre [0-9a-f]{8}", centre) for centre in centres)
    assert sum(group["exams"] for group in data["groups"]) == 24
    assert {(entry["name"], entry["field"]) for entry in data["drift"]} == {
        (sequence["SeriesDescription"], "repetition_time") for sequence in headers.SEQUENCES
    }
    flair = next(e for e in data["drift"] if e["name"] == "FLAIR" and e["scanner"].startswith("Premier"))
    assert {month["value"] for month in flair["months"]} == {5000, 5500}
    assert flair["months"][0] == {"month": "2024-02", "value": 5000, "series": 1, "share": 1}


def test_the_command_writes_a_page(
    archive: Path, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    key.write_bytes(KEY)
    asked = first_exam(archive, tmp_path)
    with pytest.raises(typer.Exit) as ended:
        audit_archive(archive, store.folder, key, against=str(asked), workers=1)
    assert ended.value.exit_code == 1
    data = json.loads((store.folder / "summary.json").read_text())
    flair = [row for row in data["against"]["steps"] if row["step"] == "FLAIR"]
    assert {(row["series"], row["conform"]) for row in flair} == {(8, 4)}
    assert {d["field"] for row in flair for d in row["deviations"]} == {"repetition_time"}
    page = (store.folder / "summary.html").read_text()
    assert "FLAIR: repetition time, ms" in page and "<polyline" in page
    assert "24 exams of 12 patients" in page
    assert "291" in capsys.readouterr().out


def first_exam(archive: Path, folder: Path) -> Path:
    """What was asked for: the first exam, as images."""
    first = folder / "asked"
    for path in (archive / "centre0" / "exam00000").rglob("*.dcm"):
        place = first / path.relative_to(archive)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    return first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--archive", "x", "--json"], "takes no other form"),
        (["--store", "x"], "go with --archive"),
        ([], "name the images"),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        CliRunner().invoke(app, ["audit", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("content", "more", "message"),
    [
        (b"short", {}, "a key has 16 to 64 bytes"),
        (KEY, {"scheduler": "tcp://127.0.0.1:1", "workers": 2}, "a cluster has its own"),
    ],
)
def test_what_cannot_be_is_said(
    content: bytes, more: dict[str, Any], message: str, archive: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_bytes(content)
    with pytest.raises((UsageError, UnusableInput), match=message):
        audit_archive(archive, tmp_path / "results", key, **more)
    with pytest.raises(UsageError, match="inside the archive"):
        audit_archive(tmp_path, tmp_path / "results", key)


def command(archive: Path, folder: Path, **more: str) -> list[str]:
    """Run a store in a process of its own."""
    said = {"archive": str(archive), "folder": str(folder), "key": KEY.decode(), "size": str(SIZE), **more}
    return [sys.executable, "-c", _PROGRAM, json.dumps(said)]


_PROGRAM = """
import json, sys, time
from pathlib import Path
from generator.archive import run
from generator.archive.store import Store
if __name__ == "__main__":
    said = json.loads(sys.argv[1])
    store, key = Store(Path(said["folder"])), said["key"].encode()
    store.open(key)
    workers = run.Cluster(said["scheduler"]) if "scheduler" in said else run.Local(1)
    pause = float(said.get("pause", 0))
    def told(lines):
        print(lines, flush=True)
        time.sleep(pause)
    run.bring_up(store, run.Reading(said["archive"], key), workers, told, int(said["size"]))
"""


def test_a_run_that_is_killed_goes_on_where_it_was(archive: Path, store: Store, tmp_path: Path) -> None:
    expected, store = lines(store), Store(tmp_path / "results")
    for killed in (1, 3):
        process = subprocess.Popen(
            command(archive, store.folder, pause="0.2"),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout
        for _ in range(killed):
            assert process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert 0 < len(store.files()) < 15
    subprocess.run(command(archive, store.folder), check=True, capture_output=True)
    assert lines(store) == expected


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler of this machine with two workers, each a process of its own."""
    pytest.importorskip("distributed", reason="the extra `archive` is not installed")
    place = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        "--no-dashboard",
        "--no-nanny",
        "--nthreads",
        "1",
    ]
    processes = [subprocess.Popen([*dask, "--scheduler-file", str(place)], **quiet)]  # type: ignore[call-overload]
    try:
        for _ in range(2):
            one = [*worker, "--scheduler-file", str(place)]
            processes.append(subprocess.Popen(one, **quiet))  # type: ignore[call-overload]
        yield _address(place), processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _address(place: Path) -> str:
    for _ in range(1800):
        if place.exists() and (text := place.read_text()):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    raise AssertionError("no scheduler came up")


def test_a_cluster_writes_the_same_parts_though_a_worker_dies(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], archive: Path, store: Store, tmp_path: Path
) -> None:
    address, processes = cluster
    expected = [p.read_bytes() for p in store.files()]
    there = Store(tmp_path / "there")
    process = subprocess.Popen(
        command(archive, there.folder, scheduler=address, pause="0.1"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline()
    processes[1].kill()
    assert len(there.files()) < len(expected)
    process.stdout.read()
    process.stdout.close()
    assert process.wait() == 0
    assert [p.read_bytes() for p in there.files()] == expected
