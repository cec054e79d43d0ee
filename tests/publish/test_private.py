"""A centre's own publication: made from its exports, marked, and nothing of it on the public site."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from generator.errors import UsageError
from generator.publish.layers import layers
from generator.publish.publication import load
from generator.publish.site import publish
from generator.spec.diagnostic import SourceErrors
from tests.publish.conftest import IN_THIS_PROCESS, Network

CENTRE = "Hôpital de l'Exemple"
OWN = f"""\
publication: own-cards
extends: ../publication.yaml
private: {CENTRE}
contact: {{name: The physicist of the centre}}
targets:
  - {{vendor: ge, field_strengths: [3 T], model: SIGNA Premier, donor: exports/north-wing.tar}}
"""
NOTICE = """\
notices:
  - {{protocol: test-follow-up, version: '{}', status: recalled, date: 2025-05-02, {}reason: Wrong TE}}
"""


class Centre:
    """A centre beside the network, with an export of its scanner."""

    def __init__(self, network: Network, published: Network) -> None:
        self.folder = network.folder / "centre"
        self.site, self.file = self.folder / "site", self.folder / "publication.yaml"
        (self.folder / "exports").mkdir(parents=True)
        self.donor = self.folder / "exports/north-wing.tar"
        (archive,) = published.site.glob("protocols/*/*/ge-*/*/*_template.zip")
        with ZipFile(archive) as opened:
            name = next(name for name in opened.namelist() if name.endswith("Protocol0.tar"))
            # One more block of the tape archive, so that its digest is its own.
            self.donor.write_bytes(opened.read(name) + bytes(512))
        self.file.write_text(OWN, encoding="utf-8")

    def publish(self, site: Path | None = None) -> None:
        publish(load(self.file), site or self.site, IN_THIS_PROCESS)


@pytest.fixture
def centre(network: Network, published: Network) -> Centre:
    return Centre(network, published)


def test_nothing_of_a_private_publication_reaches_the_public_one(network: Network, centre: Centre) -> None:
    network.publish()
    before = network.files()
    centre.publish()
    network.spec(version="2")
    network.publish()
    secrets = [
        CENTRE.encode(), b"Exemple", b"own-cards", b"north-wing", b"The physicist of the centre",
        sha256(centre.donor.read_bytes()).hexdigest().encode(), b"Private publication",
    ]  # fmt: skip
    public = network.files()
    assert public.keys() > before.keys()
    for name, content in public.items():
        for layer, octets in layers(name, content):
            assert not [secret for secret in secrets if secret in octets], layer
    assert not (network.site / "robots.txt").exists()


def test_a_private_publication_is_made_from_the_own_export_and_says_whose_it_is(centre: Centre) -> None:
    centre.publish()
    (archive,) = centre.site.rglob("*_donor.zip")
    assert "SIGNA-Premier" in archive.name
    pages = list(centre.site.rglob("*.html"))
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert '<meta name="robots" content="noindex' in text, path
        assert "Hôpital de l&#39;Exemple" in text, path
        assert "Cards of the test" in text or "A network of the test" in text, path
    assert "Disallow: /" in (centre.site / "robots.txt").read_text()
    assert not (centre.site / "CITATION.cff").exists()
    index = json.loads((centre.site / "index.json").read_bytes())
    assert index["publication"]["private"] == CENTRE
    assert index["publication"]["address"] is None, "the address is that of the public site"
    with ZipFile(BytesIO(archive.read_bytes())) as opened:
        assert "Hôpital de l&#39;Exemple" in opened.read(f"{archive.stem}/README.html").decode()
        exported = [one for one in opened.namelist() if not one.endswith(".html")]
        assert not [one for one in exported if b"north-wing" in opened.read(one)]


def test_the_name_of_a_centre_may_stand_on_its_pages_and_in_no_export(centre: Centre) -> None:
    from generator.publish.privacy import watch

    found = watch([], [], [], CENTRE)
    page = f"<p>{CENTRE}</p> of the university hospital".encode()
    assert not list(found.search("sheet.en.html", f"<p>{CENTRE}</p>".encode(), from_donor=True))
    assert list(found.search("sheet.en.html", page, from_donor=True)), "another name is still one"
    assert list(found.search("Protocol0", CENTRE.encode(), from_donor=True))


def test_private_and_public_never_share_a_folder(network: Network, centre: Centre) -> None:
    network.publish()
    with pytest.raises(UsageError, match="is a public site"):
        centre.publish(network.site)
    with pytest.raises(UsageError, match="lies in the site"):
        centre.publish(network.site / "own")
    centre.publish()
    with pytest.raises(UsageError, match="private site of Hôpital"):
        publish(network.publication, centre.site, IN_THIS_PROCESS)


@pytest.mark.parametrize("cards", ["", "cards: ge-3T-MR30.0, "])
def test_what_the_network_recalls_is_recalled_in_the_centre(
    network: Network, centre: Centre, cards: str
) -> None:
    """The card of the centre has another name than that of the network; both are of one maker and field."""
    text = network.file.read_text(encoding="utf-8")
    network.file.write_text(text + NOTICE.format("1", cards), encoding="utf-8")
    centre.publish()
    (page,) = centre.site.glob("protocols/*/1/index.html")
    assert "notice-recalled" in page.read_text(encoding="utf-8")
    assert 'class="button" href="protocols' not in (centre.site / "index.html").read_text(encoding="utf-8")


def test_a_notice_about_a_version_that_the_centre_never_had_is_no_mistake(
    network: Network, centre: Centre
) -> None:
    text = network.file.read_text(encoding="utf-8")
    network.file.write_text(text + NOTICE.format("0", ""), encoding="utf-8")
    centre.publish()
    assert (centre.site / "index.html").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("extends: ../publication.yaml", "extends: nowhere.yaml", "no such publication"),
        ("targets:", "target:", "targets is a list"),
        ("extends: ../publication.yaml", "extends: publication.yaml", "extends none itself"),
    ],
)
def test_a_mistake_is_shown(centre: Centre, old: str, new: str, message: str) -> None:
    text = centre.file.read_text(encoding="utf-8")
    centre.file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SourceErrors, match=message):
        load(centre.file)
