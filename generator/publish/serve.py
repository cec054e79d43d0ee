"""A preview on this machine that follows the specs: rebuilt whenever one of them, or a template, changes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from generator import resources
from generator.errors import ExamcardError, UsageError
from generator.publish.publication import drafted, load
from generator.publish.site import Options, Result, publish
from generator.spec.load import load as load_spec

_PAUSE = 0.5
SECONDS = 10.0
"""How long a connection may say nothing."""
CONNECTIONS = 32
"""How many are served at once; more are closed."""
_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def remember(site: Path, publication: Path) -> None:
    """Note beside a site, not in it, which publication it was made from."""
    content = os.path.relpath(publication, site.parent) + "\n"
    path = _note(site)
    if not path.exists() or path.read_text(encoding="utf-8") != content:
        path.write_text(content, encoding="utf-8")


def recall(site: Path) -> Path | None:
    """Find the publication that a site was made from; ``None`` if it is not known or gone."""
    path = _note(site)
    if not path.is_file():
        return None
    publication = site.parent / path.read_text(encoding="utf-8").strip()
    return publication if publication.is_file() else None


def _note(site: Path) -> Path:
    return site.parent / f".{site.name}.publication"


def watched(publication: Path) -> Iterator[Path]:
    """Name every file whose change may change the site; of a spec that is broken its own file at least."""
    yield publication
    with suppress(ExamcardError):
        for path in load(publication).protocols:
            yield path
            with suppress(ExamcardError):
                yield from load_spec(path).files
    for folder in ("site", "sheets", "locale", "vendors"):
        yield from (path for path in resources.templates(folder).rglob("*") if path.is_file())


def stamp(publication: Path) -> dict[Path, tuple[int, int]]:
    """Return when each watched file was last written, and its size."""
    found = {}
    for path in watched(publication):
        with suppress(OSError):
            status = path.stat()
            found[path] = (status.st_mtime_ns, status.st_size)
    return found


@dataclass
class Preview:
    """A site that is built beside the published one and may change freely.

    Attributes
    ----------
    site : Path
        Where it is built.
    report : callable
        Receives what came of each build: a result, or the text of what is wrong.
    """

    publication: Path
    site: Path
    report: Callable[[Result | str], None]
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def update(self) -> bool:
        """Build if something changed since the last call; say whether it was tried."""
        now = stamp(self.publication)
        if now == self._seen:
            return False
        self._seen = now
        try:
            publication = drafted(load(self.publication))
            self.report(publish(publication, self.site, Options(draft=True)))
        except ExamcardError as error:
            self.report(str(error))
        return True

    def follow(self, stop: threading.Event) -> None:
        """Update again and again until it is stopped."""
        while not stop.wait(_PAUSE):
            self.update()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each, and lets a browser keep none."""

    timeout = SECONDS

    def parse_request(self) -> bool:
        """Refuse what was asked for under another name: a page of the web that points its name here."""
        if not super().parse_request():
            return False
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host.strip("[]").lower() in _NAMES:
            return True
        self.send_error(421, "This preview answers to localhost only")
        return False

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


class _Server(ThreadingHTTPServer):
    """Serves so many connections at once, and no longer than they speak; what breaks off is no news."""

    def __init__(self, *given: Any) -> None:
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(*given)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Admit a connection if one is free."""
        return self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection; its place is free before who waits for its end sees that."""
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self._free.release()
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that the browser dropped."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def server(site: Path, port: int) -> ThreadingHTTPServer:
    """Make a server of a folder that only this machine can reach.

    Parameters
    ----------
    port : int
        0 takes any that is free.
    """
    return _Server(("127.0.0.1", port), partial(_Quiet, directory=str(site)))


@contextmanager
def serving(site: Path, port: int) -> Iterator[ThreadingHTTPServer]:
    """Serve a folder in another thread: reading can be stopped in the main one alone.

    Raises
    ------
    UsageError
        If the port cannot be used.
    """
    try:
        made = server(site, port)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}") from error
    with made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        try:
            yield made
        finally:
            made.shutdown()
