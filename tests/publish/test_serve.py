"""The preview: served on this machine only, rebuilt when a file changes, kept when that is a mistake."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from generator.publish import serve
from generator.publish.serve import Preview, recall, remember, server
from generator.publish.site import Result
from tests.publish.conftest import LONGER, Network


@contextmanager
def running(folder: Path) -> Iterator[str]:
    with server(folder, 0) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{made.server_port}/"
        finally:
            made.shutdown()
            thread.join()


def test_a_site_is_served_on_this_machine_only(published: Network) -> None:
    with server(published.site, 0) as made:
        assert made.server_address[0] == "127.0.0.1"
    with running(published.site) as address:
        with urlopen(address + "protocols/test-follow-up/1/") as answer:
            assert answer.read().decode() == published.page()
            assert answer.headers["Cache-Control"] == "no-store"
        for hidden in ("../publication.yaml", "%2e%2e/publication.yaml"):
            with pytest.raises(HTTPError) as caught:
                urlopen(address + hidden)
            assert caught.value.code == 404
            caught.value.close()


def test_a_preview_follows_the_spec_and_may_change(network: Network, tmp_path: Path) -> None:
    told: list[Result | str] = []
    preview = Preview(network.file, tmp_path / "preview", told.append)
    assert preview.update()
    assert isinstance(told[-1], Result)
    assert not preview.update(), "nothing changed"
    network.spec(change=LONGER)
    assert preview.update()
    page = tmp_path / "preview" / "protocols/test-follow-up/1/index.html"
    assert "6130\u00a0ms" in page.read_text(encoding="utf-8")
    assert not network.site.exists(), "a preview is no publication"


def test_a_mistake_is_told_and_the_last_preview_stays(network: Network, tmp_path: Path) -> None:
    told: list[Result | str] = []
    preview = Preview(network.file, tmp_path / "preview", told.append)
    preview.update()
    page = tmp_path / "preview" / "protocols/test-follow-up/1/index.html"
    before = page.read_bytes()
    network.spec(change="    repetition_tme: 5 s\n")
    assert preview.update()
    assert "did you mean 'repetition_time'" in str(told[-1])
    assert page.read_bytes() == before
    network.spec(change=LONGER)
    assert preview.update()
    assert page.read_bytes() != before


def test_a_preview_follows_until_it_is_told_to_stop(network: Network, tmp_path: Path) -> None:
    told: list[Result | str] = []
    stop = threading.Event()

    def once(outcome: Result | str) -> None:
        told.append(outcome)
        stop.set()

    Preview(network.file, tmp_path / "preview", once).follow(stop)
    assert len(told) == 1


def test_the_publication_of_a_site_is_remembered_beside_it(network: Network) -> None:
    assert recall(network.site) is None
    remember(network.site, network.file)
    found = recall(network.site)
    assert found is not None
    assert found.samefile(network.file)
    network.file.unlink()
    assert recall(network.site) is None


def _asked(address: str, text: str) -> bytes:
    port = int(address.rpartition(":")[2].strip("/"))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())
        return b"".join(iter(partial(connection.recv, 1 << 16), b""))


def test_only_names_of_this_machine_are_answered(published: Network) -> None:
    """A page of the web whose name is pointed at this machine gets nothing."""
    with running(published.site) as address:
        assert b" 421 " in _asked(address, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert b" 421 " in _asked(address, "GET / HTTP/1.1\r\n\r\n")
        for name in ("localhost", "127.0.0.1:8000", "[::1]:8000"):
            assert b" 200 " in _asked(address, f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n")


def test_connections_are_few_short_and_dropped_without_a_word(
    published: Network, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "CONNECTIONS", 2)
    monkeypatch.setattr(serve._Quiet, "timeout", 0.2)
    with running(published.site) as address:
        port = int(address.rpartition(":")[2].strip("/"))
        silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(2)]
        assert [one.recv(1) for one in silent] == [b"", b""], "who says nothing is hung up on"
        monkeypatch.setattr(serve._Quiet, "timeout", 60)  # who speaks may take long on a busy machine
        dropped = socket.create_connection(("127.0.0.1", port))
        dropped.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        dropped.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        dropped.close()
        for _ in range(4):
            assert b" 200 " in _asked(address, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        [one.close() for one in silent]
    assert "Traceback" not in capfd.readouterr().err


def test_a_preview_leaves_nothing_when_it_is_terminated(network: Network, tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from generator.cli import main; main()", "serve", "--port", "0"]
    (network.site).mkdir(exist_ok=True)
    with subprocess.Popen(
        [*command, str(network.site)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"http://" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert not list(tmp_path.glob("examcard-preview-*"))
