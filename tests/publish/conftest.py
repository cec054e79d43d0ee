"""A small network of its own: one protocol, two scanners, a site that is built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.publish import jobs
from generator.publish.publication import Publication, load
from generator.publish.site import Options, Result, publish

SPEC = """\
protocol: {id}
title: {title}
version: "{version}"
kind: follow-up
region: brain
field_strengths: [3 T]
source: a source of the test
steps:
  - acquisition: dwi
{change}  - contrast: {{agent: gadobutrol, dose: 0.1 mmol/kg}}
  - acquisition: flair-3d
    optional: true
  - reformat: {{source: flair-3d, plane: transverse, slice_thickness: 3 mm}}
suppress:
  - {{code: GAD902, reason: the site of a test needs no T1}}
"""

PUBLICATION = """\
publication: test-network
title: Cards of the test
network: A network of the test
contact: {name: Somebody, email: somebody@network.example}
licence: CC0
languages: [en, fr]
address: https://cards.network.example/
protocols: [specs]
targets:
  - {vendor: ge, software: MR30.0}
  - {vendor: canon, model: Vantage Galan, software: V6.1}
dates: {"1": 2024-03-01, "2": 2025-04-02}
"""

IN_THIS_PROCESS = Options(workers=0)


class Network:
    """A folder with specs, a publication and a site."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site = folder, folder / "site"
        self.file = folder / "publication.yaml"
        (folder / "specs").mkdir(parents=True)
        self.file.write_text(PUBLICATION, encoding="utf-8")
        self.spec()

    def spec(
        self, version: str = "1", change: str = "", title: str = "A follow-up", name: str = "test-follow-up"
    ) -> Path:
        path = self.folder / "specs" / f"{name}.yaml"
        path.write_text(SPEC.format(id=name, title=title, version=version, change=change), encoding="utf-8")
        return path

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def publication(self) -> Publication:
        return load(self.file)

    def publish(self, options: Options = IN_THIS_PROCESS) -> Result:
        return publish(self.publication, self.site, options)

    def files(self, below: str = "") -> dict[str, bytes]:
        paths = (path for path in (self.site / below).rglob("*") if path.is_file())
        return {path.relative_to(self.site).as_posix(): path.read_bytes() for path in paths}

    def page(self, version: str = "1", name: str = "index.html", protocol: str = "test-follow-up") -> str:
        return (self.site / "protocols" / protocol / version / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def _one_program() -> Iterator[None]:
    """Keep the digest of the program as it is, so that a file saved meanwhile does not make a site stale."""
    with pytest.MonkeyPatch.context() as patch:
        digest = jobs.program()
        patch.setattr(jobs, "program", lambda: digest)
        yield


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path / "network")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network whose site is built; read only."""
    made = Network(tmp_path_factory.mktemp("published") / "network")
    made.publish()
    return made


LONGER = "    repetition_time: 6130 ms\n"
