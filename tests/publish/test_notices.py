"""Withdrawn, superseded, recalled: said everywhere, without a script, and never verified as current."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="needs the extra `sign`")

from generator.errors import UnusableInput
from generator.publish.jobs import CannotPublish
from generator.publish.publication import load
from generator.publish.seen import Seen
from generator.publish.signing import SecretKey
from generator.publish.site import Options
from generator.publish.verify import Verdict, verify
from generator.spec.diagnostic import SourceErrors
from tests.publish.conftest import LONGER, Network
from tests.publish.test_signing import KEY

OTHER = SecretKey(b"otherkey", bytes(range(1, 33)))
SIGNED = Options(key=KEY, workers=0)
NOTICE = (
    "notices:\n"
    '  - {{protocol: test-follow-up, version: "1", status: {status}, date: 2025-06-01, {more}\n'
    "     reason: {{en: The TI is wrong, fr: Le TI est faux}}}}\n"
)


def say(network: Network, status: str = "recalled", more: str = "") -> None:
    text = network.file.read_text(encoding="utf-8")
    network.file.write_text(text + NOTICE.format(status=status, more=more), encoding="utf-8")


def archives(network: Network) -> list[Path]:
    return sorted(network.site.rglob("*_*.zip"))


@pytest.fixture
def copies(network: Network, tmp_path: Path) -> Path:
    """What a user fetched before the recall: every archive, its signature and the sums of that day."""
    network.publish(SIGNED)
    folder = tmp_path / "copies"
    folder.mkdir()
    for path in (*archives(network), *network.site.rglob("*.minisig"), network.site / "SHA256SUMS"):
        shutil.copy(path, folder)
    shutil.copy(network.site / "status.json", folder)
    return folder


@pytest.mark.parametrize("status", ["superseded", "withdrawn", "recalled"])
def test_a_notice_stands_on_every_page_without_a_script(network: Network, status: str) -> None:
    network.publish()
    say(network, status)
    network.publish()
    word = {"superseded": "Remplacé", "withdrawn": "Retiré", "recalled": "Rappelé"}[status]
    for page, said, why in (
        ("index.html", status.capitalize(), "The TI is wrong"),
        ("index.fr.html", word, "Le TI est faux"),
    ):
        slot = re.search(r"<!--notice-->(.*?)<!--/notice-->", network.page(name=page), re.DOTALL)
        assert slot and said in slot[1] and why in slot[1]
        catalogue = (network.site / page).read_text(encoding="utf-8")
        assert said in catalogue and 'class="button"' not in catalogue
        assert 'class="button"' not in network.page(name=page)
        listing = (network.site / "protocols/test-follow-up" / page).read_text(encoding="utf-8")
        assert said in listing
    for sheet in network.site.rglob("sheet.en.html"):
        assert "The TI is wrong" in sheet.read_text(encoding="utf-8")
    feed = (network.site / "feed.atom").read_text(encoding="utf-8")
    assert f"{status.capitalize()}: A follow-up, 1" in feed and "The TI is wrong" in feed
    index = json.loads((network.site / "index.json").read_bytes())
    (version,) = index["protocols"][0]["versions"]
    assert version["notices"][0]["status"] == status


def test_a_recall_takes_away_what_it_is_asked_to_and_nothing_else(network: Network) -> None:
    network.publish()
    say(network, more="cards: ge, remove: true,")
    network.publish()
    assert [path.name.split("_")[2] for path in archives(network)] == ["canon-3T-Vantage-Galan-V6.1"]
    assert network.page().count('class="button"') == 1
    network.spec(name="another")
    assert network.publish().rebuilt == 1, "the next publication does not bring it back, nor does it stop"
    assert len(archives(network)) == 3


def tries(network: Network, copies: Path, archive: Path) -> list[Verdict]:
    """Every way that a withdrawn archive may be asked about."""
    renamed = copies / "another-name.zip"
    shutil.copy(archive, renamed)
    new = network.site / "SHA256SUMS"
    found = [verify(one, key, new) for one in (archive, renamed) for key in (KEY.public(), None)]
    for place in network.site.rglob(archive.name):
        sheet = place.parent / "sheet.en.html"
        found += [verify(one, key) for one in (place, sheet) for key in (KEY.public(), None)]
    return found


@pytest.mark.parametrize("more", ["", "remove: true,", "cards: ge-3T-MR30.0,"])
def test_a_withdrawn_card_is_never_verified_as_current(network: Network, copies: Path, more: str) -> None:
    say(network, "withdrawn", more)
    network.publish(SIGNED)
    (archive,) = copies.glob("*ge-3T*.zip")
    for verdict in tries(network, copies, archive):
        assert any(fault.startswith("withdrawn: ") for fault in verdict.faults)
        assert any("The TI is wrong" in fault for fault in verdict.faults)
    assert verify(network.site, KEY.public()).faults == ()
    kept = [text for text in verify(network.site, KEY.public()).remarks if text.startswith("withdrawn: ")]
    assert bool(kept) == ("remove" not in more)
    # What was signed before the recall is good for that day, says which, and fails where more is known.
    old = verify(archive, KEY.public())
    assert (old.number, old.date) == (1, "2024-03-01")
    assert any("older publication" in fault for fault in verify(archive, KEY.public(), at_least=2).faults)


def test_an_older_publication_than_one_seen_is_refused(
    network: Network, copies: Path, tmp_path: Path
) -> None:
    """A rollback: an old copy of the whole site, every signature good, shown to who knows the new one."""
    seen = Seen(tmp_path / "seen.json")
    old = tmp_path / "old"
    shutil.copytree(network.site, old)
    assert verify(old, KEY.public(), seen=seen).faults == ()
    say(network, "withdrawn")
    network.publish(SIGNED)
    assert verify(network.site, KEY.public(), seen=seen).faults == ()
    (fault,) = verify(old, KEY.public(), seen=seen).faults
    assert fault == "an older publication: number 1, asked for is 2 or later"
    assert verify(network.site, KEY.public(), seen=seen).faults == (), "what was refused is not remembered"
    (archive,) = copies.glob("*ge-3T*.zip")
    for name in ("SHA256SUMS", "status.json"):
        (copies / name).unlink()
    assert verify(archive, KEY.public(), seen=seen).faults == (), "an archive alone has the number of its day"
    seen.path.write_text("nonsense")
    with pytest.raises(UnusableInput, match="no list of what was verified"):
        verify(old, KEY.public(), seen=seen)


def test_a_faulty_copy_is_not_remembered(network: Network, copies: Path, tmp_path: Path) -> None:
    seen = Seen(tmp_path / "seen.json")
    (network.site / "index.html").write_text("changed")
    assert verify(network.site, KEY.public(), seen=seen).faults
    assert not seen.path.exists()


def test_an_old_status_does_not_pass_beside_new_sums(network: Network, copies: Path) -> None:
    say(network, "withdrawn")
    network.publish(SIGNED)
    (archive,) = copies.glob("*ge-3T*.zip")
    for name in ("SHA256SUMS", "SHA256SUMS.minisig"):
        shutil.copy(network.site / name, copies)
    assert "status.json is not what was published" in verify(archive, KEY.public()).faults
    (copies / "status.json").unlink()
    assert any("status.json is missing" in fault for fault in verify(archive, KEY.public()).faults)


def test_an_archive_alone_is_never_called_current(network: Network, copies: Path) -> None:
    (archive,) = copies.glob("*ge-3T*.zip")
    for name in ("SHA256SUMS", "status.json"):
        (copies / name).unlink()
    found = verify(archive, KEY.public())
    assert found.faults == () and "does not tell whether it was withdrawn" in found.remarks[0]
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(bytes(content))
    assert any("is not of this content" in fault for fault in verify(archive, KEY.public()).faults)


def test_a_notice_holds_though_the_publication_forgets_it(network: Network) -> None:
    network.publish()
    plain = network.file.read_text(encoding="utf-8")
    say(network)
    network.publish()
    network.file.write_text(plain, encoding="utf-8")
    network.spec(name="another")
    network.publish()
    assert "The TI is wrong" in network.page()


def test_a_reinstated_card_is_offered_again(network: Network) -> None:
    network.publish()
    before = network.files("protocols/test-follow-up/1")
    say(network, more="remove: true,")
    network.publish()
    assert not archives(network)
    text = network.file.read_text(encoding="utf-8")
    head, _, notice = text.partition("notices:\n")
    again = notice.replace("recalled", "reinstated").replace("2025-06-01", "2025-07-01")
    network.file.write_text(head + "notices:\n" + notice + again, encoding="utf-8")
    network.publish()
    assert network.files("protocols/test-follow-up/1") == before


def test_a_protocol_that_is_gone_says_so_on_its_pages(network: Network) -> None:
    network.spec(name="another")
    network.publish(SIGNED)
    (network.folder / "specs" / "another.yaml").unlink()
    network.publish(SIGNED)
    assert "no longer part of this publication" in network.page(protocol="another")
    listing = (network.site / "protocols/another/index.html").read_text(encoding="utf-8")
    assert "newest</strong>" not in listing and "no longer part" in listing
    archive = next(network.site.glob("protocols/another/**/*_*.zip"))
    found = verify(archive, KEY.public())
    assert found.faults == () and "no longer part of the publication" in found.remarks[0]


def test_a_lower_version_does_not_follow_a_higher_one(network: Network) -> None:
    network.spec(version="2")
    network.publish()
    network.spec(version="1")
    with pytest.raises(CannotPublish, match="version 2 is published, a lower one must not follow"):
        network.publish()
    network.edit('"2": 2025-04-02', '"2": 2025-04-02, "10": 2025-04-03')
    network.spec(version="10")
    assert network.publish().remarks == ("test-follow-up 10: no parameter changed since 2",)


def test_a_new_key_signs_an_unchanged_site_anew(network: Network) -> None:
    network.publish(SIGNED)
    assert network.publish(SIGNED).written == 0
    assert network.publish(Options(key=OTHER, workers=0)).written
    assert verify(network.site, OTHER.public()).faults == ()
    assert verify(network.site, KEY.public()).faults == ("SHA256SUMS: signed with another key",)
    archive = archives(network)[0]
    shutil.copytree(archive.parent, network.folder / "alone")
    assert verify(network.folder / "alone" / archive.name, OTHER.public()).faults == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("status: recalled", "status: broken", "unknown-word"),
        ("date: 2025-06-01", "date: today", "wrong-type"),
        ("reason: {en: The TI is wrong, fr: Le TI est faux}", "by: x", "missing-key"),
        ('version: "1", status', "status", "missing-key"),
    ],
)
def test_a_mistake_in_a_notice_is_shown(network: Network, old: str, new: str, code: str) -> None:
    say(network)
    network.edit(old, new)
    with pytest.raises(SourceErrors) as caught:
        load(network.file)
    assert code in {one.code for one in caught.value.diagnostics}


def test_a_notice_about_nothing_is_refused(network: Network) -> None:
    say(network)
    network.edit("protocol: test-follow-up", "protocol: other")
    with pytest.raises(CannotPublish, match="other 1, which is not published"):
        network.publish()


RECORD = (
    "validations:\n  - {protocol: test-follow-up, version: '1', cards: ge-3T-MR30.0, date: 2025-06-01,\n"
    "     who: A physicist, where: A centre, release: MR30.0, result: loaded, phantom: ACR}\n"
)


def test_a_validation_is_a_badge_at_the_top(network: Network) -> None:
    network.publish()
    assert "not yet validated" in network.page() and "loaded on" not in network.page()
    text = network.file.read_text(encoding="utf-8")
    network.file.write_text(text + RECORD, encoding="utf-8")
    network.publish()
    page = network.page()
    assert page.index("loaded on 1 console") < page.index('class="contents"')
    assert "A physicist, A centre" in page
    french = (network.site / "index.fr.html").read_text(encoding="utf-8")
    assert french.count("chargée sur 1 console") == 1 and "pas encore validée" in french


@pytest.mark.parametrize("left", ["release: MR30.0, ", "who: A physicist, ", "date: 2025-06-01,"])
def test_a_record_of_a_validation_is_whole(network: Network, left: str) -> None:
    text = network.file.read_text(encoding="utf-8")
    network.file.write_text(text + RECORD.replace(left, ""), encoding="utf-8")
    with pytest.raises(SourceErrors, match="is missing"):
        load(network.file)


APPROVAL = (
    "approvals:\n  - {protocol: test-follow-up, version: '1', reviewer: A board, date: 2024-02-01, "
    "author: Somebody else}\n"
)


def test_each_version_says_who_approved_it(network: Network) -> None:
    """A new version is not approved because the one before it was; an approval may come later."""
    network.publish()
    assert "not yet approved" in network.page()
    network.file.write_text(network.file.read_text(encoding="utf-8") + APPROVAL, encoding="utf-8")
    result = network.publish()
    assert result.kept == (), "an approval is no change of a sheet"
    network.spec(version="2", change=LONGER)
    network.publish()
    said = 'Approved by <strong>A board</strong>, <time datetime="2024-02-01">'
    assert said in network.page("1") and "Somebody else" in network.page("1")
    assert said not in network.page("2") and "not yet approved" in network.page("2")
    (sheet,) = (network.site / "protocols/test-follow-up/1").glob("ge-*/*/sheet.fr.html")
    assert "Approuvé par <strong>A board</strong>" in sheet.read_text(encoding="utf-8")
    assert "not yet approved" in (network.site / "index.html").read_text(encoding="utf-8")
    index = json.loads((network.site / "index.json").read_bytes())
    approvals = [one["approval"] for one in index["protocols"][0]["versions"]]
    assert approvals == [{"reviewer": "A board", "date": "2024-02-01", "author": "Somebody else"}, None]


def test_the_network_shows_its_logo(network: Network) -> None:
    (network.folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    network.edit("licence:", "logo: logo.svg\nauthor: An author\nlicence:")
    network.publish()
    page = network.page()
    assert re.search(r'<img class="logo" src="../../../assets/logo-[0-9a-f]{8}\.svg" alt="">', page)
    assert "An author" in page
    network.edit("logo: logo.svg", "logo: gone.svg")
    with pytest.raises(SourceErrors, match="no picture"):
        load(network.file)
