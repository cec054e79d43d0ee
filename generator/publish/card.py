"""One card of the site: built, checked, packed, with everything beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator import manifest, pipeline
from generator.errors import ExamcardError
from generator.model.tree import Target
from generator.publish import picture
from generator.publish.archive import pack
from generator.publish.images import bids_sidecars, dicompare_schema
from generator.publish.record import Record, record, slug
from generator.publish.releases import differs
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
    if differs(target, export.software):
        raise BrokenCard(name, (f"the file is of release {export.software}, not {target.software}",))
    described = manifest.nameless(manifest.of_card(card, export))
    listed = manifest.to_bytes(described)
    stem = f"{spec.protocol_id}_{version}_{slug(target)}_{export.kind}"
    archive = pack({**export.files, manifest.NAME: listed}, stem)
    download = {
        "name": f"{stem}.zip",
        "size": len(archive),
        "sha256": sha256(archive).hexdigest(),
        "files": described["files"],
    }
    made = record(card, export, list(findings), version, download)
    beside = {manifest.NAME: listed, **_companions(made, card, languages, facts)}
    return Made(made, {download["name"]: archive, **beside})


def _build(card: pipeline.Card, donor: Path | None) -> Export:
    """Build an export; of a donor without the name of its file, which may name a hospital."""
    if donor is None:
        return pipeline.build(card, BuildOptions())
    with TemporaryDirectory(prefix="examcard-") as folder:
        nameless = Path(folder, "donor" + "".join(donor.suffixes[-1:]))
        nameless.symlink_to(donor.resolve(), target_is_directory=donor.is_dir())
        return pipeline.build(card, BuildOptions(donor=nameless))


def _companions(
    made: Record, card: pipeline.Card, languages: tuple[str, ...], facts: Mapping[str, Any]
) -> dict[str, bytes]:
    files = {
        RECORD: _json(made),
        "dicompare.json": _json(dicompare_schema(made, facts["network"])),
        "bids.zip": pack({name: _json(one) for name, one in bids_sidecars(made).items()}, "bids"),
    }
    for language in languages:
        files[picture.name(language)] = picture.picture(card, language, made["time"]["limit"]).encode()
        html = sheet_html(made, facts, language)
        files[f"sheet.{language}.html"] = html.encode()
        if facts["pdf"]:
            files[f"sheet.{language}.pdf"] = sheet_pdf(html)
    return files


def _json(value: Any) -> bytes:
    # Without indentation json is written in C, ten times as fast.
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()
