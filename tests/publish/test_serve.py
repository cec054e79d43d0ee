"""The preview: served on this machine only, rebuilt when a file changes, kept when that is a mistake."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

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
