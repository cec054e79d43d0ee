"""What there is to build: every protocol of a publication with its targets, version, day and digest."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from generator import __version__, resources
from generator.errors import ExamcardError, UsageError
from generator.manifest import digest as digest_of_files
from generator.model.tree import Target
from generator.publish.publication import Publication
from generator.publish.record import slug
from generator.publish.releases import expanded
from generator.spec.load import load
from generator.spec.spec import Spec

_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass
class CannotPublish(ExamcardError):
    """Everything that keeps a publication from appearing; the site stays as it was."""

    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((*self.reasons, "nothing was published"))


@dataclass(frozen=True)
class Job:
    """One protocol to publish.

    Attributes
    ----------
    version : str
        Of the spec, with the publication's revision if that was raised.
    targets : tuple of (Target, Path or None)
        For which scanners, and from which donor.
    """

    path: Path
    protocol: str
    version: str
    spec_version: str
    targets: tuple[tuple[Target, Path | None], ...]
    inputs: str

    @property
    def folder(self) -> str:
        """Its path on the site."""
        return f"protocols/{self.protocol}/{self.version}"


def jobs(publication: Publication) -> list[Job]:
    """List what a publication asks for, in the order of its file.

    Raises
    ------
    SourceErrors
        For a spec that cannot be used.
    CannotPublish
        For a protocol without version or without targets, or one that is listed twice.
    """
    made, problems = [], []
    seen: dict[str, Path] = {}
    for path in publication.protocols:
        spec = load(path)
        problem = _problem(spec, seen)
        if problem:
            problems.append(problem)
            continue
        seen[spec.protocol_id] = path
        try:
            job = _job(spec, publication)
        except UsageError as error:
            problems.append(f"{spec.protocol_id}: {error}")
            continue
        made.append(job)
        addresses = Counter(slug(target) for target, _ in job.targets)
        problems += [
            f"{spec.protocol_id}: two targets lead to {one}" for one, n in addresses.items() if n > 1
        ]
        if not job.targets:
            problems.append(f"{spec.protocol_id}: no target of the publication fits its field strengths")
    if problems:
        raise CannotPublish(tuple(problems))
    return made


def _problem(spec: Spec, seen: Mapping[str, Path]) -> str | None:
    if spec.protocol_id in seen:
        return f"{spec.protocol_id} is the id of {seen[spec.protocol_id].name} and of {spec.path.name}"
    if spec.version is None:
        return f"{spec.protocol_id}: a published protocol needs a version"
    if not _ADDRESS.fullmatch(spec.version):
        return f"{spec.protocol_id}: the version {spec.version!r} cannot be part of an address"
    return None


def _job(spec: Spec, publication: Publication) -> Job:
    revision = publication.head.revision
    version = f"{spec.version}-r{revision}" if revision > 1 else str(spec.version)
    targets = tuple(
        (target, donor)
        for wanted in publication.wanted
        for asked in wanted.targets(spec.field_strengths)
        for donor in (publication.donor(wanted),)
        for target in expanded(asked, donor)
    )
    inputs = digest_of_files(spec.files)
    return Job(spec.path, spec.protocol_id, version, str(spec.version), targets, inputs)


def job_digest(job: Job, made_by: str, facts: Mapping[str, Any], day: str, versions: Iterable[str]) -> str:
    """Digest everything that the cards and the pages of a protocol depend on.

    Parameters
    ----------
    made_by : str
        Digest of the program, see :func:`program`.
    facts : mapping
        What the pages say of the publication.
    versions : iterable of str
        The versions that are published, this one included.
    """
    targets = [
        (target.model_dump(mode="json"), donor_digest(donor) if donor else None)
        for target, donor in job.targets
    ]
    parts = [made_by, job.inputs, job.protocol, job.version, targets, facts, day, list(versions)]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def donor_digest(path: Path) -> str:
    """Digest a donor, a file or a folder."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return digest_of_files(files)


def program() -> str:
    """Digest the program: its code, its templates and the shipped data that cards and pages rest on."""
    package = Path(__file__).resolve().parent.parent
    total = sha256(__version__.encode())
    for root, kinds in (
        (package, ("*.py", "*.json")),
        (resources.templates(), ("*",)),
        (resources.specs("followup"), ("*.yaml",)),
        (resources.specs("guidelines"), ("*.yaml",)),
        (resources.specs("scanners"), ("*.yaml",)),
    ):
        files = sorted({path for kind in kinds for path in root.rglob(kind) if path.is_file()})
        for path in files:
            if "_data" not in path.relative_to(root).parts and "__pycache__" not in path.parts:
                total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def day_of(job: Job, publication: Publication, recorded: str | None) -> str:
    """Return the day on which a version appears: as recorded, as the publication says, or SOURCE_DATE_EPOCH.

    Raises
    ------
    UsageError
        If nothing says it; the clock is not asked, so that a build can be repeated.
    """
    if recorded:
        return recorded
    for key in (
        f"{job.protocol} {job.version}",
        job.version,
        f"{job.protocol} {job.spec_version}",
        job.spec_version,
    ):
        if key in publication.dates:
            return publication.dates[key].isoformat()
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        try:
            return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
        except (ValueError, OverflowError, OSError) as error:
            raise UsageError(f"SOURCE_DATE_EPOCH is no time: {epoch!r}") from error
    example = date(2024, 3, 1).isoformat()
    raise UsageError(
        f"{job.protocol} {job.version} has no date; give it in the publication, such as "
        f'dates: {{"{job.spec_version}": {example}}}, or set SOURCE_DATE_EPOCH'
    )
