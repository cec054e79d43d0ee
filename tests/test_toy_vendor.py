"""Adding a vendor is adding two files: here one with a format of its own, taken through the whole program."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator import cli, vendors
from generator.errors import UsageError
from generator.vendors.profile import profile

DIALECT = """
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.vendors import rows
from generator.vendors.dialect import Export, Inspection
from generator.vendors.rows import Digits, Row, Text

ROWS = (
    Row("technique", ("SEQ",), Text()),
    Row("repetition_time", ("TR",), Digits(digits=0)),
    Row("flip_angle", ("FA",), Digits(digits=1)),
    Row("number_of_averages", ("NAQ",), Digits(digits=0), default=1.0),
)


class Pairs(dict):
    put, drop = dict.__setitem__, lambda self, key: self.pop(key, None)


class Toy:
    vendor, formats = "toy", ("toy-card",)

    def sniff(self, path, head):
        return "toy-card" if head.startswith(b"TOY\\n") else None

    def read(self, path):
        steps = []
        for line in path.read_text().splitlines()[1:]:
            name, *pairs = line.split("|")
            document = Pairs(pair.split("=") for pair in pairs)
            fields = {row.field: value for row, _, value in rows.read(ROWS, document)}
            steps.append(Acquisition(name=name, **fields))
        protocol = Protocol(name=path.stem, steps=tuple(steps))
        return ReadResult(format="toy-card", vendor="toy", software="1", protocols=(protocol,))

    def inspect(self, path):
        return Inspection("toy-card", (("software", "1"),))

    def build(self, protocol, target, options):
        made, lines = Export("template", {}), ["TOY"]
        for index, step in enumerate(protocol.steps):
            if isinstance(step, Acquisition):
                document = Pairs()
                rows.write(ROWS, step, document, made.reasons.at(index))
                lines.append("|".join([step.name, *map("=".join, document.items())]))
        return Export("template", {"card.toy": "\\n".join(lines).encode()}, reasons=made.reasons)


DIALECT = Toy()
"""
PROFILE = "title: Toy Works\nsoftware: ['1']\nmanufacturers: [toyworks]\n"
SPEC = """
protocol: toy
title: Toy
version: "1"
kind: follow-up
region: brain
field_strengths: [3 T]
steps:
  - acquisition:
      name: T1
      technique: gradient_echo
      mr_acquisition_type: 2D
      repetition_time: 250.4 ms
      echo_times: [5 ms]
      flip_angle: 70 deg
      number_of_averages: 1
      acquisition_matrix: [256, 256]
      field_of_view: [256 mm, 256 mm]
      number_of_slices: 20
      slice_thickness: 5 mm
      pixel_bandwidth: 200 Hz/px
  - pause: look
"""

PUBLICATION = """
publication: toys
title: Toys
network: A network
contact: {name: the makers}
licence: none
languages: [en]
protocols: [toy.yaml]
targets: [{vendor: toy}]
dates: {"1": 2026-11-20}
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "toys" / "toy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(textwrap.dedent(DIALECT))
    (package / "profile.yaml").write_text(PROFILE)
    monkeypatch.setattr(vendors, "__path__", [*vendors.__path__, str(tmp_path / "toys")])
    spec = tmp_path / "toy.yaml"
    spec.write_text(SPEC)
    yield spec
    sys.modules.pop("generator.vendors.toy", None)
    vendors.get.cache_clear()
    profile.cache_clear()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run `examcard ARGUMENTS`, which has to succeed, and return what it prints."""

    def call(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["examcard", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        text = capsys.readouterr()
        assert exit_.value.code in (0, None), text.out + text.err
        return text.out

    return call


def test_a_new_vendor_is_built_read_back_and_gets_its_losses(
    toy: Path, tmp_path: Path, run: Callable[..., str]
) -> None:
    out = tmp_path / "out"
    run("build", toy, "--vendor", "toy", "-o", out)
    manifest = json.loads(next(out.rglob("manifest.json")).read_text())
    lost = {(loss["step"], loss["field"]): loss for loss in manifest["losses"]}
    assert lost[0, "repetition_time"]["kind"] == "rounded"
    assert lost[0, "repetition_time"]["got"] == 250
    assert lost[0, "echo_times"]["kind"] == "unsupported"
    assert lost[0, "echo_times"]["severity"] == "image"
    assert lost[1, None]["wanted"] == "pause"
    assert not {"flip_angle", "technique", "number_of_averages"} & {field for _, field in lost}
    card = next(out.rglob("card.toy"))
    assert vendors.of_file(card)[1] == "toy-card"
    read = json.loads(run("read", card, "--json"))
    assert read["format"] == "toy-card"
    assert read["protocols"][0]["steps"][0]["repetition_time"] == 250


def test_a_new_vendor_is_checked_fitted_and_published(
    toy: Path, tmp_path: Path, run: Callable[..., str]
) -> None:
    run("check", toy, "--vendor", "toy")
    run("fit", toy, "--vendor", "toy", "--budget", "5min")
    record = tmp_path / "publication.yaml"
    record.write_text(PUBLICATION)
    run("publish", record, "-o", tmp_path / "site")
    assert "Toy Works" in next((tmp_path / "site").rglob("index.html")).read_text()


def test_an_absent_vendor_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError) as error:
        vendors.get("toyshiba")
    assert all(name in str(error.value) for name in vendors.names())
