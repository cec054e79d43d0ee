"""Killed at any moment, a build leaves the old site or the new one, whole."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.publish import staging
from tests.publish.conftest import LONGER, Network

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_build_leaves_a_whole_site(network: Network) -> None:
    network.publish()
    network.spec(version="2", change=LONGER)
    command = [sys.executable, "-m", "tests.publish.killer", str(network.file), str(network.site), "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert sum(one["killed"] for one in result["found"]) >= 12
    for one in result["found"]:
        assert one["faults"] == [], one
        assert one["current"] in ("1", "2")
    assert {one["current"] for one in result["found"]} == {"1", "2"}, "kills before and after the switch"
    assert result["after"] == {"faults": [], "current": "2"}
    assert result["left"] == [".site.lock", "site"], "what a killed build left behind is cleared away"


ORPHAN = """
import multiprocessing, os, time
from generator.publish import work
def orphan():
    os.getppid = lambda: 1  # killed between the fork and the first line of the worker
    work.start_worker(None)
    time.sleep(300)
worker = multiprocessing.get_context("fork").Process(target=orphan)
worker.start()
worker.join()
print(worker.exitcode)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_worker_whose_parent_is_gone_before_it_begins_ends_too() -> None:
    """It would hold the lock of the site for ever."""
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


def test_where_folders_cannot_be_exchanged_the_old_one_comes_back(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.publish()
    before = network.files()
    monkeypatch.setattr(staging, "exchange", lambda one, other: False)
    network.spec(version="2", change=LONGER)
    network.publish()
    assert "protocols/test-follow-up/2/index.html" in network.files()
    assert not (network.folder / ".site.old").exists()
    # Killed between its two renames it leaves no site; the next call puts the old one back first.
    network.site.rename(network.folder / ".site.old")
    staging.recover(network.site)
    assert before.keys() < network.files().keys()


def test_files_are_on_the_disk_before_the_switch(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.publish()
    before = network.files()
    network.spec(version="2", change=LONGER)

    def full(folder: Path) -> None:
        assert network.files() == before
        assert (folder / "protocols/test-follow-up/2/index.html").exists()
        raise OSError(errno.EIO, "the disk does not take it", str(folder))

    monkeypatch.setattr(staging, "write_out", full)
    with pytest.raises(OSError, match="does not take it"):
        network.publish()
    assert network.files() == before
    assert sorted(path.name for path in network.folder.glob(".site*")) == [".site.lock"]


def test_what_is_not_there_cannot_be_written_out(tmp_path: Path) -> None:
    staging.write_out(tmp_path)
    with pytest.raises(OSError, match="nowhere"):
        staging.write_out(tmp_path / "nowhere")


def test_two_at_once_are_refused(network: Network) -> None:
    network.publish()
    network.spec(version="2", change=LONGER)
    with staging.staging(network.site), pytest.raises(staging.UsageError, match="another publish"):
        network.publish()
