"""Adding a vendor is adding a sub-package: here one of two files, found, built with and read back."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import vendors
from generator.errors import UsageError
from generator.model.tree import Acquisition, Protocol, Target
from generator.vendors.dialect import BuildOptions

DIALECT = """
from generator.model.tree import Acquisition, Protocol, ReadResult
from generator.vendors.dialect import Export, Inspection, Losses
from toy_facts import KEYS


class Toy:
    vendor, title, formats, software = "toy", "Toy", ("ge-protocol",), ("1",)

    def sniff(self, path, head):
        return "ge-protocol" if head.startswith(b"TOY\\n") else None

    def read(self, path):
        steps = []
        for line in path.read_text().splitlines()[1:]:
            name, *pairs = line.split("|")
            known = dict(pair.split("=") for pair in pairs)
            values = {field: float(known[key]) for field, key in KEYS.items() if key in known}
            steps.append(Acquisition(name=name, **values))
        protocol = Protocol(name=path.stem, steps=tuple(steps))
        return ReadResult(format="ge-protocol", vendor="toy", protocols=(protocol,))

    def inspect(self, path):
        return Inspection("ge-protocol", (("software", "1"),))

    def build(self, protocol, target, options):
        losses, lines = Losses(), ["TOY"]
        for index, step in enumerate(protocol.steps):
            if not isinstance(step, Acquisition):
                losses.at(index, None).unsupported(None, step.kind, "a toy has scans only")
                continue
            pairs = [f"{key}={getattr(step, field)}" for field, key in KEYS.items()]
            lines.append("|".join([step.name, *pairs]))
        return Export("template", {"card.toy": "\\n".join(lines).encode()}, tuple(losses.found))


DIALECT = Toy()
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    package = tmp_path / "toys" / "toy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(textwrap.dedent(DIALECT))
    (tmp_path / "toys" / "toy_facts.py").write_text('KEYS = {"repetition_time": "TR", "flip_angle": "FA"}\n')
    monkeypatch.setattr(vendors, "__path__", [*vendors.__path__, str(tmp_path / "toys")])
    monkeypatch.syspath_prepend(str(tmp_path / "toys"))
    yield
    for name in ("generator.vendors.toy", "toy_facts"):
        sys.modules.pop(name, None)
    vendors.get.cache_clear()


@pytest.mark.usefixtures("toy")
def test_a_new_vendor_needs_nothing_but_its_files(tmp_path: Path) -> None:
    assert "toy" in vendors.names()
    protocol = Protocol(name="p", steps=(Acquisition(name="T1", repetition_time=2300, flip_angle=9),))
    export = vendors.get("toy").build(protocol, Target(vendor="toy", field_strength=3), BuildOptions())
    card = tmp_path / "card.toy"
    card.write_bytes(export.files["card.toy"])
    dialect, found = vendors.of_file(card)
    assert (dialect.vendor, found) == ("toy", "ge-protocol")
    assert dialect.read(card).protocols[0].steps == protocol.steps


def test_an_absent_vendor_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError) as error:
        vendors.get("toyshiba")
    assert all(name in str(error.value) for name in vendors.names())
