"""The publication file: what it says, and how its mistakes are shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.publish.publication import load, locate
from generator.resources import specs
from generator.spec.diagnostic import SourceErrors
from tests.publish.conftest import PUBLICATION, Network


def test_everything_is_read(network: Network) -> None:
    read = network.publication
    assert (read.head.id, read.head.languages, read.head.revision) == ("test-network", ("en", "fr"), 1)
    assert [path.name for path in read.protocols] == ["test-follow-up.yaml"]
    assert [target.vendor for wanted in read.wanted for target in wanted.targets((1.5, 3.0))] == [
        *("ge", "ge"),
        *("canon", "canon"),
    ]
    assert read.dates == {"1": date(2024, 3, 1), "2": date(2025, 4, 2)}


def test_the_shipped_publication_is_sound() -> None:
    read = load(specs("publication", "ofsep.yaml"))
    assert len(read.protocols) >= 9
    assert {wanted.vendor for wanted in read.wanted} == {"canon", "ge", "philips", "siemens"}


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ("licence: CC0", "license: CC0", "unknown-key", "did you mean 'licence'"),
        ("vendor: ge", "vendor: gee", "unknown-vendor", "did you mean 'ge'"),
        ("languages: [en, fr]", "languages: [en, xx]", "unknown-word", "one of en, fr"),
        ("contact: {name: Somebody, email: somebody@network.example}\n", "", "missing-key", "contact"),
        ("protocols: [specs]", "protocols: [nowhere]", "unknown-protocol", "nowhere"),
        ("2024-03-01", "the first of March", "wrong-type", "2024-03-01"),
        ("{vendor: canon,", "{vendor: canon, donor: gone.exar1,", "missing-file", "gone.exar1"),
        ("{vendor: canon,", "{vendor: canon, field_strengths: [3],", "missing-unit", "unit"),
        ("title: Cards of the test\n", "", "missing-key", "title"),
        ("test-network", "Test Network", "invalid-id", "lower-case"),
    ],
)
def test_a_mistake_is_shown_where_it_stands(
    network: Network, old: str, new: str, code: str, told: str
) -> None:
    network.edit(old, new)
    with pytest.raises(SourceErrors) as caught:
        load(network.file)
    assert code in {found.code for found in caught.value.diagnostics}
    text = str(caught.value)
    assert told in text
    assert "publication.yaml:" in text


def test_all_mistakes_are_shown_at_once(network: Network) -> None:
    network.edit("vendor: ge", "vendor: gee")
    network.edit("licence:", "license:")
    with pytest.raises(SourceErrors) as caught:
        load(network.file)
    assert {"unknown-vendor", "unknown-key", "missing-key"} <= {d.code for d in caught.value.diagnostics}


def test_a_folder_stands_for_the_one_publication_in_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no publication"):
        locate(tmp_path)
    (tmp_path / "deep").mkdir()
    one = tmp_path / "deep" / "one.yaml"
    one.write_text(PUBLICATION, encoding="utf-8")
    assert locate(tmp_path) == one
    (tmp_path / "two.yaml").write_text(PUBLICATION, encoding="utf-8")
    with pytest.raises(UsageError, match="more than one"):
        locate(tmp_path)
    named = tmp_path / "publication.yaml"
    named.write_text(PUBLICATION, encoding="utf-8")
    assert locate(tmp_path) == named
