"""One card of the site: built, checked, packed, with everything beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator import manifest, pipeline
from generator.errors import ExamcardError
from generator.model.tree import Acquisition, Loss, Target
from generator.publish import picture, releases
from generator.publish.archive import pack
from generator.publish.images import bids_sidecars, dicompare_schema
from generator.publish.record import Record, record, slug
from generator.publish.render import render
from generator.publish.sheets import sheet_html, sheet_pdf
from generator.spec.spec import Spec
from generator.vendors.dialect import BuildOptions, Export

RECORD = "card.json"


@dataclass
class BrokenCard(ExamcardError):
    """A card that the rules do not let pass."""

    name: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "\n  ".join((f"{self.name}: {len(self.reasons)} errors", *self.reasons))


@dataclass(frozen=True)
class Made:
    """A card and its files.

    Attributes
    ----------
    record : dict
        What the pages need to know of it.
    files : mapping of str to bytes
        Name in the folder of the card to content; the archive is ``record["download"]["name"]``.
    """

    record: Record
    files: Mapping[str, bytes]


def make(
    spec: Spec,
    target: Target,
    version: str,
    donor: Path | None,
    languages: tuple[str, ...],
    facts: Mapping[str, Any],
) -> Made:
    """Build a card and everything that is published with it.

    Parameters
    ----------
    version : str
        Under which it is published.
    languages : tuple of str
        In which its sheet is written.
    facts : mapping
        Of the publication: ``title``, ``network``, ``contact``, ``licence``, ``pdf``.

    Raises
    ------
    BrokenCard
        If a rule finds an error.
    UnusableInput, CannotBuild, UsageError
        As the dialect raises them.
    """
    card = pipeline.prepare(spec, target)
    name = f"{spec.protocol_id} {version} for {target}"
    findings = pipeline.check(card).findings
    errors = tuple(f"{one.code} {one.message}" for one in findings if one.severity == "error")
    if errors:
        raise BrokenCard(name, errors)
    export = _build(card, donor)
    if releases.differs(target, export.software):
        raise BrokenCard(name, (f"the file is of release {export.software}, not {target.software}",))
    described = manifest.nameless(manifest.of_card(card, export))
    if export.donor:
        export = replace(export, notes=(), losses=tuple(map(_without_text, export.losses)))
        described["losses"] = [loss.model_dump(mode="json") for loss in export.losses]
    listed = manifest.to_bytes(described)
    stem = f"{spec.protocol_id}_{version}_{slug(target)}_{export.kind}"
    made = record(card, export, list(findings), version, {}) | {"notes": described["notes"]}
    sheets = {f"sheet.{language}.html": sheet_html(made, facts, language).encode() for language in languages}
    texts = {"README.html": _readme(made, languages, facts), "LICENCE.txt": f"{facts['licence']}\n".encode()}
    archive = pack({**export.files, manifest.NAME: listed, **sheets, **texts}, stem)
    made["download"] = {
        "name": f"{stem}.zip",
        "size": len(archive),
        "sha256": sha256(archive).hexdigest(),
        "files": described["files"],
    }
    beside = {manifest.NAME: listed, **_companions(made, card, sheets, facts)}
    if foreign := _told(donor, card, beside):
        raise BrokenCard(name, foreign)
    return Made(made, {made["download"]["name"]: archive, **beside})


def _readme(made: Record, languages: tuple[str, ...], facts: Mapping[str, Any]) -> bytes:
    """What an archive is, how to import it and what hinders it, in every language of the site."""
    parts = [render("readme.html.j2", language, card=made, site=facts) for language in languages]
    return render("readme.html.j2", languages[0], card=made, site=facts, parts=parts).encode()


def _build(card: pipeline.Card, donor: Path | None) -> Export:
    """Build an export; of a donor without the name of its file, which may name a hospital."""
    if donor is None:
        return pipeline.build(card, BuildOptions())
    with TemporaryDirectory(prefix="examcard-") as folder:
        nameless = Path(folder, "donor" + "".join(donor.suffixes[-1:]))
        nameless.symlink_to(donor.resolve(), target_is_directory=donor.is_dir())
        return pipeline.build(card, BuildOptions(donor=nameless, nameless=True))


def _without_text(loss: Loss) -> Loss:
    """A loss of a donor build without a text that came out of the donor; numbers and words of lists stay."""
    known = loss.field in Acquisition.model_fields
    return loss if known or not isinstance(loss.got, str) else loss.model_copy(update={"got": None})


def _told(donor: Path | None, card: pipeline.Card, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Say which names of the donor's own series and folders a file would publish.

    A name of one plain word, such as ``Localizer``, tells nobody's; neither does one that the spec says.
    """
    described = donor and releases.described(card.target.vendor, donor)
    if not described:
        return ()
    own = "\n".join(path.read_text("utf-8", "replace") for path in card.spec.files)
    names = {name for step in described.steps for name in (step.scan.name, *step.path) if name not in own}
    telling = sorted(name for name in names if len(name) > 3 and not name.isalpha())
    return tuple(
        f"{file} would publish {name!r}, a name of the donor's own"
        for file, content in files.items()
        for name in telling
        if name.encode() in content
    )


def _companions(
    made: Record, card: pipeline.Card, sheets: Mapping[str, bytes], facts: Mapping[str, Any]
) -> dict[str, bytes]:
    files = {
        RECORD: _json(made),
        "dicompare.json": _json(dicompare_schema(made, facts["network"])),
        "bids.zip": pack({name: _json(one) for name, one in bids_sidecars(made).items()}, "bids"),
        **sheets,
    }
    for name, html in sheets.items():
        language = name.split(".")[1]
        files[picture.name(language)] = picture.picture(card, language, made["time"]["limit"]).encode()
        if facts["pdf"]:
            files[f"sheet.{language}.pdf"] = sheet_pdf(html.decode())
    return files


def _json(value: Any) -> bytes:
    # Without indentation json is written in C, ten times as fast.
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()
