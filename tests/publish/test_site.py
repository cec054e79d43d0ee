"""The site as a whole: what is on it, that it is the same every time, and that what is published stays."""

from __future__ import annotations

import json
import re
import shutil
import sys
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse
from zipfile import ZipFile

import pytest
import yaml
from lxml import etree

from generator.errors import UsageError
from generator.publish import jobs, sums
from generator.publish.jobs import CannotPublish
from generator.publish.site import Options
from tests.publish.conftest import LONGER, Network

PROGRAM = jobs.program  # the session replaces it, see conftest
CARD = "protocols/test-follow-up/1/ge-3T-MR30.0/template/"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


class Links(HTMLParser):
    """Addresses, ids and language of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.addresses.append(value)
            if name == "id" and value:
                self.ids.append(value)


def pages(network: Network) -> dict[str, Links]:
    found = (p for p in network.site.rglob("*.html"))
    return {p.relative_to(network.site).as_posix(): Links(p.read_text(encoding="utf-8")) for p in found}


def test_every_link_leads_somewhere_inside(published: Network) -> None:
    read = pages(published)
    assert len(read) > 30
    for name, page in read.items():
        for address in page.addresses:
            parts = urlparse(urljoin(name, address))
            if parts.scheme in ("mailto", "https"):
                continue
            assert not urlparse(address).path.startswith("/"), f"{name}: {address} works under one path only"
            target = published.site / unquote(parts.path)
            assert target.is_file(), f"{name}: {address}"
            if parts.fragment:
                assert parts.fragment in read[parts.path].ids, f"{name}: {address}"


def test_ids_of_a_page_are_unique(published: Network) -> None:
    for name, page in pages(published).items():
        assert len(page.ids) == len(set(page.ids)), name


def test_a_download_is_the_export_with_its_manifest(published: Network) -> None:
    record = json.loads((published.site / CARD / "card.json").read_bytes())
    content = (published.site / CARD / record["download"]["name"]).read_bytes()
    assert sha256(content).hexdigest() == record["download"]["sha256"]
    assert len(content) == record["download"]["size"]
    with ZipFile(published.site / CARD / record["download"]["name"]) as archive:
        names = archive.namelist()
        folder = record["download"]["name"].removesuffix(".zip")
        assert f"{folder}/.rawProtocol/Protocol0.tar" in names
        listed = json.loads(archive.read(f"{folder}/manifest.json"))
        for one in listed["files"]:
            assert sha256(archive.read(f"{folder}/{one['path']}")).hexdigest() == one["sha256"]
    assert listed["kind"] == "template"


def test_the_index_tells_a_machine_everything(published: Network) -> None:
    index = json.loads((published.site / "index.json").read_bytes())
    (protocol,) = index["protocols"]
    (version,) = protocol["versions"]
    assert (protocol["id"], protocol["current"], version["date"]) == ("test-follow-up", "1", "2024-03-01")
    assert [card["kind"] for card in version["cards"]] == ["template", "sheet"]
    for card in version["cards"]:
        file = published.site / version["path"] / card["folder"] / card["file"]
        assert sha256(file.read_bytes()).hexdigest() == card["sha256"]


def test_the_feed_is_atom_with_lasting_ids(published: Network) -> None:
    feed = etree.parse(published.site / "feed.atom")
    assert feed.xpath("string(/a:feed/a:updated)", namespaces=ATOM) == "2024-03-01T00:00:00Z"
    ids = feed.xpath("//a:id/text()", namespaces=ATOM)
    assert ids == ["urn:examcard:test-network", "urn:examcard:test-network:test-follow-up:1"]
    for required in ("title", "id", "updated"):
        assert all(
            len(entry.findall(f"a:{required}", ATOM)) == 1
            for entry in feed.xpath("//a:entry", namespaces=ATOM)
        )


def test_the_sums_list_every_file(published: Network) -> None:
    listed = sums.read(published.site / "SHA256SUMS")
    files = published.files()
    assert set(listed) == set(files) - {"SHA256SUMS"}
    assert all(sha256(files[name]).hexdigest() == value for name, value in listed.items())


def test_a_page_says_what_a_reader_wants_to_know(published: Network) -> None:
    page = published.page()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for wanted in (
        "GE HealthCare 3 T",
        "Canon 3 T Vantage Galan V6.1",
        "Gadolinium: gadobutrol, 0.1 mmol/kg",
        "Slice thickness",
        "untested on a console",
        "a source of the test",
        "Data Apps",
        "no import format of Canon is public",
        "This is the first version.",
        "No row of the decision table leads to this protocol",
    ):
        assert wanted in text, wanted
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" class="tl"') == 2
    assert page.count('class="ct"') == 1 and "lesion over white" in text


def test_nothing_claims_more_than_is_known(published: Network) -> None:
    for name, content in published.files().items():
        if name.endswith((".html", ".json", ".atom", ".js")):
            assert b"loadable" not in content.replace(b"Not a loadable Canon file", b""), name


def test_french_pages_are_french(published: Network) -> None:
    page = published.page(name="index.fr.html")
    assert '<html lang="fr">' in page
    for wanted in ("Épaisseur de coupe", "Téléchargements", "01/03/2024", "écho"):
        assert wanted in page
    assert "Parameters side by side" not in page
    assert "lésion sur blanche" in page and "lesion over white" not in page


def test_the_picture_speaks_the_language_of_its_page(published: Network) -> None:
    for code, name, said, unsaid in (
        ("en", "index.html", "Injection: gadobutrol", "Injection :"),
        ("fr", "index.fr.html", "Injection : gadobutrol", "Injection:"),
    ):
        page = etree.HTML(published.page(name=name).encode())
        for picture in page.xpath("//*[local-name()='svg'][@class='tl']"):
            languages = picture.xpath("ancestor-or-self::*/@lang")
            assert set(languages) == {code}
            words = " ".join(picture.itertext())
            assert said in words and unsaid not in words
            assert ("acquisition time" in words) == (code == "en")


def test_two_builds_give_the_same_bytes(published: Network, network: Network) -> None:
    network.publish(Options(workers=2))
    assert network.files() == published.files()


def test_an_unchanged_publication_writes_nothing(network: Network) -> None:
    network.publish()
    before = {path: path.stat().st_mtime_ns for path in network.folder.rglob("*")}
    result = network.publish()
    assert (result.written, result.rebuilt, result.cards) == (0, 0, 2)
    assert {path: path.stat().st_mtime_ns for path in network.folder.rglob("*")} == before


def test_only_what_changed_is_built(network: Network) -> None:
    network.spec(name="another")
    network.publish()
    inodes = {name: (network.site / name).stat().st_ino for name in network.files("protocols/another")}
    network.spec(version="2", change=LONGER)
    assert network.publish().rebuilt == 1
    for name, inode in inodes.items():
        assert (network.site / name).stat().st_ino == inode, f"{name} was written again"


def test_a_changed_export_needs_a_new_version(network: Network) -> None:
    network.publish()
    before = network.files()
    network.spec(change=LONGER)
    with pytest.raises(CannotPublish) as caught:
        network.publish()
    told = str(caught.value)
    assert "test-follow-up_1_ge-3T-MR30.0_template.zip is published and would change" in told
    assert "test-follow-up_1_canon-3T-Vantage-Galan-V6.1_sheet.zip" in told
    assert "new version" in told
    assert network.files() == before


def test_a_new_version_stands_beside_the_old_one(network: Network) -> None:
    network.publish()
    before = network.files("protocols/test-follow-up/1")
    network.spec(version="2", change=LONGER)
    network.publish()
    after = network.files("protocols/test-follow-up/1")
    slot = re.compile(rb"<!--notice-->.*?<!--/notice-->", re.DOTALL)
    assert {n: slot.sub(b"", c) for n, c in after.items()} == {n: slot.sub(b"", c) for n, c in before.items()}
    page = network.page("2")
    change = re.search(r'<ul class="changes">(.*?)</ul>', page, re.DOTALL)
    assert change
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", change[1])).strip()
    assert re.search(r"DWI b1000: TR as the console shows it \d+\s?ms → 6130\s?ms \(all scanners\)", said)
    assert "estimated" not in said
    assert 'newer version of this protocol: <a href="../2/index.html">2</a>' in network.page("1")
    index = json.loads((network.site / "index.json").read_bytes())
    assert [version["version"] for version in index["protocols"][0]["versions"]] == ["1", "2"]
    feed = (network.site / "feed.atom").read_text(encoding="utf-8")
    assert feed.index("test-follow-up:2") < feed.index("test-follow-up:1")
    for own in ("feed.atom", "feed.ge.atom"):
        told = etree.parse(network.site / own).xpath("//a:content[@type='html']/text()", namespaces=ATOM)
        assert [re.sub("<[^>]+>", "", text).replace("\u00a0", " ") for text in told] == [
            said.removesuffix(" (all scanners)")
        ]


def test_a_revision_makes_room_where_the_spec_did_not_change(network: Network) -> None:
    network.publish()
    network.edit("languages:", "revision: 2\nlanguages:")
    network.publish()
    assert (network.site / "protocols/test-follow-up/1-r2/index.html").is_file()
    assert (network.site / "protocols/test-follow-up/1/index.html").is_file()


def test_another_scanner_joins_a_published_version(network: Network) -> None:
    network.publish()
    before = network.files("protocols/test-follow-up/1/ge-3T-MR30.0")
    network.edit(
        "  - {vendor: ge, software: MR30.0}\n", "  - {vendor: ge, software: MR30.0}\n  - vendor: siemens\n"
    )
    network.publish()
    assert network.files("protocols/test-follow-up/1/ge-3T-MR30.0") == before
    assert "Siemens Healthineers 3 T" in network.page()


def test_a_sheet_that_would_differ_stays_as_published(network: Network) -> None:
    network.publish()
    sheet = CARD + "sheet.en.html"
    before = network.files()[sheet]
    network.edit("A network of the test", "A network with another name")
    result = network.publish()
    assert sheet in result.kept
    assert network.files()[sheet] == before
    assert "A network with another name" in network.page()


def test_an_export_changed_by_hand_stops_the_next_publish(network: Network) -> None:
    network.publish()
    name = CARD + "test-follow-up_1_ge-3T-MR30.0_template.zip"
    path = network.site / name
    path.write_bytes(path.read_bytes() + b"!")
    network.spec(name="another")
    with pytest.raises(CannotPublish, match="is not what was published"):
        network.publish()


def test_a_failed_build_leaves_the_site_as_it_was(network: Network) -> None:
    network.publish()
    before = network.files()
    network.spec(name="broken", change="    echo_times: [700 ms]\n")
    with pytest.raises(CannotPublish, match="broken 1 for ge 3 T"):
        network.publish()
    assert network.files() == before
    beside = {path.name for path in network.folder.iterdir()}
    assert beside == {"publication.yaml", "specs", "site", ".site.lock"}


def test_a_protocol_without_version_or_day_is_refused(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = network.spec()
    path.write_text(path.read_text().replace('version: "1"\n', ""))
    with pytest.raises(CannotPublish, match="needs a version"):
        network.publish()
    network.spec(version="3")
    with pytest.raises(UsageError, match="has no date"):
        network.publish()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    network.publish()
    assert "2023-11-14" in network.page("3")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert network.publish().written == 0, "the day of a published version stays"


@pytest.mark.parametrize("version", ["../../etc", "a b", "é", ".hidden", "1/2"])
def test_a_version_that_is_no_address_is_refused(network: Network, version: str) -> None:
    network.spec(version=version)
    with pytest.raises(CannotPublish, match="cannot be part of an address"):
        network.publish()


def test_one_protocol_cannot_stand_twice(network: Network) -> None:
    shutil.copy(network.spec(), network.folder / "specs" / "copy.yaml")
    with pytest.raises(CannotPublish, match="is the id of"):
        network.publish()


def test_two_targets_cannot_share_an_address(network: Network) -> None:
    network.edit(
        "  - {vendor: ge, software: MR30.0}\n",
        "  - {vendor: ge, software: MR30.0}\n  - {vendor: ge, software: MR30.0, field_strengths: [3 T]}\n",
    )
    with pytest.raises(CannotPublish, match=r"two targets lead to ge-3T-MR30\.0"):
        network.publish()


def test_a_missing_pdf_writer_is_told_before_anything_is_built(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    network.edit("languages:", "pdf: true\nlanguages:")
    with pytest.raises(UsageError, match=r"examcard\[pdf\]"):
        network.publish()


def test_the_digest_of_the_program_follows_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(jobs.resources.templates(), tmp_path / "templates")
    monkeypatch.setattr(jobs.resources, "templates", lambda *parts: (tmp_path / "templates").joinpath(*parts))
    before = PROGRAM()
    assert PROGRAM() == before
    (tmp_path / "templates" / "site" / "site.css").write_text("body {}")
    assert PROGRAM() != before


def test_a_folder_that_is_no_site_is_not_replaced(network: Network) -> None:
    network.site.mkdir()
    (network.site / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no site of this program"):
        network.publish()
    assert (network.site / "thesis.txt").read_text() == "years of work"


EVIL = "<script>alert(1)</script>"


def test_texts_are_never_markup(network: Network) -> None:
    path = network.spec(title=f"'{EVIL} & \"more\"'")
    text = path.read_text()
    text = text.replace("source: a source of the test", f"source: 'S {EVIL}'")
    text = text.replace(
        "  - acquisition: dwi\n",
        f"  - acquisition: dwi\n    name: 'N {EVIL}'\n    instruction: 'I {EVIL}'\n    source: 'F {EVIL}'\n"
        f"  - pause: {{text: 'P {EVIL}'}}\n",
    )
    text = text.replace("dose: 0.1 mmol/kg}", f"dose: 0.1 mmol/kg, text: 'C {EVIL}'}}")
    path.write_text(text)
    for field in ("title: Cards of the test", "network: A network of the test", "licence: CC0"):
        network.edit(field, f"{field.partition(':')[0]}: 'X {EVIL}'")
    network.edit("name: Somebody", f"name: 'Y {EVIL}', url: 'javascript:alert(1)'")
    network.publish()
    for name, content in network.files().items():
        if name.endswith((".html", ".svg", ".atom")):
            assert b"<script>alert" not in content, name
            assert b'href="javascript' not in content, name
            etree.HTML(content) if name.endswith(".html") else etree.fromstring(content)
    assert "&lt;script&gt;alert(1)" in network.page()
    for archive in network.site.rglob("*.zip"):
        with ZipFile(archive) as opened:
            for name in opened.namelist():
                if name.endswith((".html", ".xml")):
                    assert b"<script>alert" not in opened.read(name), f"{archive.name}!{name}"


def test_the_catalogue_has_a_row_for_every_download_without_script(published: Network) -> None:
    page = etree.HTML((published.site / "index.html").read_bytes())
    rows = page.xpath("//tr[@class='card']")
    assert [row.get("data-vendor") for row in rows] == ["ge", "canon"]
    assert "SIGNA Premier" in rows[0].get("data-model").split("|")
    assert rows[1].get("data-software") == "V6.1"
    assert page.xpath("//form[@id='filters' and @hidden]"), (
        "filters appear only where a script can serve them"
    )
    assert not page.xpath("//tr[@hidden]")


def test_files_are_readable_by_a_web_server(published: Network) -> None:
    for path in published.site.rglob("*"):
        assert path.stat().st_mode & 0o444 == 0o444, path


def test_a_site_needs_no_other_address(published: Network) -> None:
    for path in Path(published.site).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'(?:src|srcset)="(?:https?:)?//', text), path
        assert not re.search(r'rel="(?:stylesheet|preload)"[^>]*href="https?:', text), path
        assert "@import" not in text


def test_an_archive_explains_itself_in_both_languages(published: Network) -> None:
    record = json.loads((published.site / CARD / "card.json").read_bytes())
    with ZipFile(published.site / CARD / record["download"]["name"]) as archive:
        folder = record["download"]["name"].removesuffix(".zip")
        readme = archive.read(f"{folder}/README.html").decode()
        assert archive.read(f"{folder}/LICENCE.txt") == b"CC0\n"
        for language in ("en", "fr"):
            sheet = archive.read(f"{folder}/sheet.{language}.html")
            assert sheet == (published.site / CARD / f"sheet.{language}.html").read_bytes()
    assert "Data Apps, then Protocol Exchange" in readme and "ouvrez Image Management" in readme


def test_every_vendor_has_a_feed_of_its_own(published: Network) -> None:
    for vendor, title in (("ge", "GE HealthCare"), ("canon", "Canon")):
        feed = etree.parse(published.site / f"feed.{vendor}.atom")
        assert title in feed.xpath("string(/a:feed/a:title)", namespaces=ATOM)
        ids = feed.xpath("//a:id/text()", namespaces=ATOM)
        assert ids == [f"urn:examcard:test-network:{vendor}", "urn:examcard:test-network:test-follow-up:1"]


def test_the_publication_can_be_cited(published: Network) -> None:
    cited = yaml.safe_load((published.site / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["cff-version"], cited["title"]) == ("1.2.0", "Cards of the test")
    assert str(cited["date-released"]) == "2024-03-01"
    assert cited["authors"] == [{"name": "A network of the test"}]
    datacite = json.loads((published.site / "datacite.json").read_bytes())
    assert {"creators", "titles", "publisher", "publicationYear", "types"} <= set(datacite), (
        "mandatory in DataCite 4"
    )
    assert json.loads((published.site / "zenodo.json").read_bytes())["upload_type"] == "dataset"
