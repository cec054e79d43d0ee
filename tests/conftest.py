"""Fixtures of the whole suite: goldens, the corpus of real files, the independent readers."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.golden import Golden
from tests.support.oracles import Oracles

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
settings.register_profile("busy", deadline=None)  # no test fails because the machine is busy
settings.load_profile("busy")


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept-golden", action="store_true", help="take today's exports as the right ones")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what the donor library remembers out of the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_answers() -> Iterator[None]:
    """Let commands that tests run in this process work, whatever was said before: tests replace its parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.answers.COMMANDS", ())
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_page() -> Iterator[None]:
    """Publish without the page for the browser, whether it was built beside the program or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.publish.app.built", lambda *_: None)
        yield


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let Ctrl-C be heard, also where the tests were started with it ignored, as many CI runners do."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare an export byte by byte with tests/golden; ``--accept-golden`` takes the new bytes."""
    return Golden(ROOT / "tests" / "golden", bool(request.config.getoption("--accept-golden")))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real vendor files and their printouts; skips where it does not exist."""
    if not (SHARED / "corpus").is_dir():
        pytest.skip("needs the corpus of real vendor files in ../shared, which is not part of the project")
    return SHARED


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    """Folder of the real vendor files."""
    return shared / "corpus"


@pytest.fixture(scope="session")
def oracles() -> Iterator[Oracles]:
    """Return the independent readers, run in the environment that `make test` builds for them."""
    made = Oracles(ROOT)
    yield made
    made.end()
