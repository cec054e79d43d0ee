"""Relations between pairs: they hold in every collected series, as often as they say, and mend or refuse."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from generator.vendors import gate
from generator.vendors.account import Reasons
from generator.vendors.ge import DIALECT, container, facts
from generator.vendors.ge.container import lxprotocol
from generator.vendors.ge.donor import sources
from generator.vendors.ge.reader import decode
from generator.vendors.ge.relations import RELATIONS
from tests.vendors.ge.support import SERIES, lx, protocol_files, sink, tar_of, template


@pytest.fixture(scope="module")
def collected(corpus: Path) -> list[tuple[str, dict[str, str]]]:
    """Pairs of every series of the corpus, one image of each DICOM series among them, with their file."""
    found = []
    for path in (corpus / "ge/DV25.1/protocol.tar", *sorted((corpus / "ge/MR30.0").iterdir())):
        for folder in container.load(path).folders:
            found += [(path.name, dict(one.values)) for one in sources(folder)]
    for folder in sorted((corpus / "dicom/ge").iterdir()):
        found.append((folder.name, dict(lxprotocol.of_image(sorted(folder.glob("*.dcm"))[0])[0])))
    return found


def test_the_corpus_is_whole(collected: list[tuple[str, dict[str, str]]]) -> None:
    assert len(collected) == 147


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.name)
def test_a_relation_holds_in_every_real_series(
    relation: gate.Relation[dict[str, str]], collected: list[tuple[str, dict[str, str]]]
) -> None:
    verdicts = [(file, relation.holds(pairs)) for file, pairs in collected]
    assert [file for file, verdict in verdicts if verdict is False] == []
    speaking = [file for file, verdict in verdicts if verdict]
    assert (len(set(speaking)), len(speaking)) == (relation.files, relation.steps)


@pytest.mark.parametrize(
    ("name", "changes", "mended"),
    [
        ("bandwidth", {"RBW": "31.00"}, {"RBW": "31.25"}),
        ("lines", {"MATRIXY": "255"}, {"MATRIXY": "256"}),
        ("slab", {"SLABLOC": "175"}, {"SLABLOC": "176"}),
        ("shots", {"IOPT": "EPI, DIFF", "DFAX": "7", "DIFNUMDIRS": "3"}, {"NUMSHOTS": "1"}),
        ("groups", {"GRIP_NUMSLGROUPS": "2"}, {"GRIP_NUMSLGROUPS": "0"}),
        ("slice-factor", {"SLICEACCEL": "2.00"}, {"SLICEACCEL": None}),
        ("flow", {"FLDIR": "Freq"}, {"FLDIR": None}),
        ("phases", {"SLPERLOC": "4"}, {"SLPERLOC": None}),
        ("inversion-option", {"TI": "150"}, {"TI": None}),
        ("multiband", {"IOPT": "Fast, ARC, HB"}, None),
        ("multiband", {"MBACCEL": "2"}, None),
        ("directions", {"IOPT": "EPI, DIFF", "NUMSHOTS": "1", "DFAX": "7", "DIFNUMDIRS": "258"}, None),
        ("b-averages", {"MULTIBVALUE": "500.0;1000.0;", "MULTINEXVALUE": "1.0;"}, None),
        ("readout", {"SWAPPF": "S/I"}, None),
        ("range", {"TR": "9000.0"}, None),
        ("bands", {"SATLOCX1": "R20.0"}, None),
    ],
)
def test_what_breaks_a_relation_is_mended_or_refused(
    name: str, changes: dict[str, str], mended: dict[str, str | None] | None
) -> None:
    pairs = {**SERIES, **changes}
    assert name in [one.name for one in gate.broken(RELATIONS, pairs)]
    left = gate.hold(RELATIONS, pairs, Reasons().at(0))
    assert (name in [one.name for one in left]) == (mended is None)
    for key, value in (mended or {}).items():
        assert pairs.get(key) == value


def test_a_template_breaks_none() -> None:
    assert DIALECT.gate(template(sink()).files) == ()


def test_the_gate_names_series_and_relation() -> None:
    files = {"p.tar": tar_of(protocol_files({"T2": lx(FLDIR="Freq")}))}
    assert ("flow", 0) in [(note.code, note.step) for note in DIALECT.gate(files)]


@pytest.mark.parametrize("family", facts.key_order().families)
def test_family_keys_are_in_every_real_series_of_the_family(
    family: str, collected: list[tuple[str, dict[str, str]]]
) -> None:
    """Each key is in every series; the value is that of most, or of none fewer than another."""
    same = [pairs for _, pairs in collected if f"{pairs['PSEQ']}/{pairs['PLUG']}" == family]
    assert same
    for key, value in facts.key_order().families[family].items():
        found = Counter(pairs[key].rstrip("0").rstrip(".") for pairs in same if key in pairs)
        assert sum(found.values()) == len(same), key
        assert found[value.rstrip("0").rstrip(".")] == max(found.values()), key


def test_the_fat_shift_follows_plane_and_readout(collected: list[tuple[str, dict[str, str]]]) -> None:
    found = Counter()
    for _, pairs in collected:
        plane, axis = decode(pairs)[0].get("plane"), facts.FREQUENCY_AXES.get(pairs["SWAPPF"])
        if (plane, axis) in facts.FAT_SHIFTS and "INVERTF" in pairs:
            found[pairs["INVERTF"] == f"Normal ({facts.FAT_SHIFTS[plane, axis]})"] += 1
    assert found == {True: 76}
