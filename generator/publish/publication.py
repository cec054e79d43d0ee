"""What a network wants to publish: ``publication.yaml``, read by the machinery of the spec language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from generator import vendors
from generator.errors import UsageError
from generator.model.fields import field_table
from generator.model.tree import Count, Node, Target, Tesla
from generator.publish.locale import languages
from generator.publish.notice import Approval, Notice, Validation
from generator.spec.find import find
from generator.spec.mappings import Citations, Layout, check_keys, read_fields, read_id
from generator.spec.nodes import MappingNode, ScalarNode, SequenceNode, compose
from generator.spec.nodes import Node as YamlNode
from generator.spec.source import Report, raise_all, read_source
from generator.text import did_you_mean

NAME = "publication.yaml"
_PARTS = ("extends", "contact", "protocols", "targets", "dates", "notices", "validations", "approvals")
_INHERITED = ("title", "network", "licence", "languages", "author", "revision", "pdf")
"""Fields that a publication has from the one it extends; not the address, and not what is a file."""
_APPROVAL = '{protocol: ..., version: "2020.1", author: ..., reviewer: ..., date: 2024-02-01}'
_VALIDATION = "{protocol, version, cards: ge-3T-MR30.0, date, who, where, release, result: loaded}"
_NOTICE = '{protocol: ..., version: "2020.1", status: recalled, date: 2024-03-01, reason: ...}'
_HEAD = re.compile(r"^publication[ \t]*:", re.MULTILINE)


class Head(Node):
    """The plain fields of a publication."""

    id: str = Field(description="stable id, such as ofsep")
    title: str = Field(description="title of the site")
    network: str = Field(description="who publishes")
    licence: str = Field(description="under which terms the cards may be used")
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en",)
    author: str | None = Field(None, description="who wrote the protocols")
    private: str | None = Field(
        None,
        description="centre whose own publication this is; it is marked and leaves out what is for others",
    )
    logo: str | None = Field(None, description="picture of the network, SVG or PNG, beside this file")
    address: str | None = Field(None, description="address of the site; the feed names it")
    revision: Count = Field(1, description="raised when exports change though no spec did")
    pdf: bool = Field(False, description="whether sheets are made as PDF too")


class Contact(Node):
    """Whom to ask."""

    name: str
    email: str | None = None
    url: str | None = None


class Wanted(Node):
    """For which scanners to build."""

    vendor: str
    field_strengths: tuple[Tesla, ...] = Field((), description="none: every one that a protocol is made for")
    model: str | None = None
    software: str | None = None
    donor: str | None = Field(None, description="export of the network's own scanner, beside this file")

    def targets(self, declared: tuple[float, ...]) -> list[Target]:
        """List the targets of a protocol that is made for the ``declared`` field strengths."""
        fields = [value for value in declared if not self.field_strengths or value in self.field_strengths]
        return [
            Target(vendor=self.vendor, field_strength=value, model=self.model, software=self.software)
            for value in fields
        ]


@dataclass(frozen=True)
class Publication:
    """A publication as its file describes it.

    Attributes
    ----------
    protocols : tuple of Path
        The protocol files, each once.
    dates : mapping of str to date
        On which day a version appears; for every version, or by ``protocol version``.
    notices : tuple of Notice
        What was withdrawn, superseded, recalled or reinstated, in the order of the file.
    validations : tuple of Validation
        Who brought which card onto which console.
    approvals : tuple of Approval
        Who wrote and who approved which version.
    inherited : tuple of Notice
        Notices of the publication that this one extends.
    """

    path: Path
    head: Head
    contact: Contact
    protocols: tuple[Path, ...]
    wanted: tuple[Wanted, ...]
    dates: dict[str, date]
    notices: tuple[Notice, ...] = ()
    validations: tuple[Validation, ...] = ()
    approvals: tuple[Approval, ...] = ()
    inherited: tuple[Notice, ...] = ()

    def donor(self, wanted: Wanted) -> Path | None:
        """Path of the donor of some targets."""
        return self.path.parent / wanted.donor if wanted.donor else None


def locate(path: Path) -> Path:
    """Find the publication that a path means: the file itself, or the one inside or below a folder.

    Raises
    ------
    UsageError
        If there is none, or more than one.
    """
    if not path.is_dir():
        return path
    if (path / NAME).is_file():
        return path / NAME
    found = [
        file for file in sorted(path.rglob("*.yaml")) if _HEAD.search(file.read_text("utf-8", "replace"))
    ]
    if len(found) != 1:
        what = "no publication" if not found else "more than one publication"
        raise UsageError(f"{what} in {path}", [file.name for file in found])
    return found[0]


def load(path: Path, is_base: bool = False) -> Publication:
    """Load a publication.

    Parameters
    ----------
    is_base : bool
        Whether another one extends it; then it extends none itself, and is not private.

    Raises
    ------
    SourceErrors
        Everything that is wrong with the file, with places and suggestions.
    UnusableInput
        If it cannot be opened.
    """
    report = Report(read_source(path))
    root = compose(report.source, report)
    made = _Reader(path, report, is_base).read(root) if root else None
    raise_all(report.found)
    assert made is not None, "a publication that could not be read has an error"
    return made


class _Reader:
    """Reads one publication; what is wrong is reported, reading goes on."""

    def __init__(self, path: Path, report: Report, is_base: bool) -> None:
        self.path, self.report, self.is_base = path, report, is_base
        self.base: Publication | None = None

    def read(self, root: YamlNode) -> Publication | None:
        if not isinstance(root, MappingNode):
            self.error("wrong-shape", "a publication is a mapping", root, "publication: <id>")
            return None
        self.base = self.extended(root)
        fields = {"publication" if n == "id" else n: spec for n, spec in field_table(Head).items()}
        head = self.inherited() | self.mapping(root, Layout(Head, fields, _PARTS, False))
        if "publication" in root.entries:
            read_id(root.entries["publication"], self.report)
        self.check_languages(root)
        parts = (self.contact(root), self.protocols(root), self.wanted(root), self.dates(root))
        said = (self.notices(root), self.validations(root), self.approvals(root))
        self.check_logo(root)
        if self.report.found:
            return None
        theirs = self.base.notices if self.base else ()
        return Publication(self.path, Head(**head), *parts, *said, theirs)  # type: ignore[arg-type]

    def extended(self, root: MappingNode) -> Publication | None:
        """Load the publication that this one extends."""
        for key in ("extends", "private") if self.is_base else ():
            if key in root.entries:
                message = "a publication that another one extends is public, and extends none itself"
                self.error("wrong-shape", message, root.entries[key])
        node = root.entries.get("extends")
        if node is None or self.is_base:
            return None
        path = self.path.parent / node.text if isinstance(node, ScalarNode) else None
        if path is None or not path.is_file():
            self.error(
                "missing-file", "there is no such publication", node, "the publication.yaml of a network"
            )
            return None
        return load(path, is_base=True)

    def inherited(self) -> dict[str, object]:
        """Fields of the head that the publication has from the one it extends."""
        return {name: getattr(self.base.head, name) for name in _INHERITED} if self.base else {}

    def error(
        self, code: str, message: str, node: YamlNode, expected: str | None = None, **more: str | None
    ) -> None:
        self.report.error(code, message, node.position, expected=expected, suggestion=more.get("near"))

    def mapping(self, node: MappingNode, form: Layout) -> dict[str, object]:
        """Read the fields of a mapping; a missing one that is required is an error."""
        check_keys(node, form.keys, self.report)
        for key, spec in form.fields.items():
            known = self.base is not None and key in _INHERITED
            if spec.required and key not in node.entries and not (known and form.model is Head):
                self.error("missing-key", f"{key!r} is missing", node, f"{key}: ...")
        given = read_fields(node, form, self.report, Citations())
        return {name: one.value for name, one in given.items() if one.value is not None}

    def check_languages(self, root: MappingNode) -> None:
        node = root.entries.get("languages")
        for item in node.items if isinstance(node, SequenceNode) else ():
            if isinstance(item, ScalarNode) and item.text not in languages():
                known = "one of " + ", ".join(languages())
                self.error(
                    "unknown-word", f"there is no catalogue for the language {item.text!r}", item, known
                )

    def contact(self, root: MappingNode) -> Contact | None:
        node = root.entries.get("contact")
        if node is None and self.base:
            return self.base.contact
        if not isinstance(node, MappingNode):
            self.error(
                "missing-key", "'contact' is missing", node or root, "contact: {name: ..., email: ...}"
            )
            return None
        fields = self.mapping(node, Layout(Contact, field_table(Contact), cites=False))
        return Contact(**fields) if "name" in fields else None

    def listed(self, root: MappingNode, key: str, example: str) -> list[YamlNode]:
        node = root.entries.get(key)
        if isinstance(node, SequenceNode) and node.items:
            return list(node.items)
        self.error(
            "wrong-shape" if node else "missing-key", f"{key} is a list", node or root, f"{key}: [{example}]"
        )
        return []

    def protocols(self, root: MappingNode) -> tuple[Path, ...]:
        found: dict[Path, None] = {}
        if self.base and "protocols" not in root.entries:
            return self.base.protocols
        for item in self.listed(root, "protocols", "ofsep-brain-follow-up"):
            if not isinstance(item, ScalarNode):
                self.error("wrong-shape", "a protocol is named by its file, its folder or its id", item)
                continue
            beside = self.path.parent / item.text
            try:
                paths = find(str(beside) if beside.exists() else item.text)
            except UsageError as error:
                self.error("unknown-protocol", str(error), item)
                continue
            found |= dict.fromkeys(path.resolve() for path in paths)
        return tuple(found)

    def wanted(self, root: MappingNode) -> tuple[Wanted, ...]:
        form = Layout(Wanted, field_table(Wanted), cites=False)
        found = []
        for item in self.listed(root, "targets", "{vendor: ge, field_strengths: [3 T]}"):
            if not isinstance(item, MappingNode):
                self.error(
                    "wrong-shape", "a target is a mapping", item, "{vendor: ge, field_strengths: [3 T]}"
                )
                continue
            fields = self.mapping(item, form)
            if "vendor" in fields and self.known_vendor(item) and self.donor_exists(item):
                found.append(Wanted(**fields))
        return tuple(found)

    def known_vendor(self, item: MappingNode) -> bool:
        node = item.entries["vendor"]
        assert isinstance(node, ScalarNode)
        if node.text in vendors.names():
            return True
        near = did_you_mean(node.text, vendors.names())
        known = "one of " + ", ".join(vendors.names())
        self.error("unknown-vendor", f"there is no dialect for {node.text!r}", node, known, near=near)
        return False

    def donor_exists(self, item: MappingNode) -> bool:
        node = item.entries.get("donor")
        if not isinstance(node, ScalarNode) or (self.path.parent / node.text).exists():
            return True
        self.error("missing-file", f"there is no donor {node.text!r} beside the publication", node)
        return False

    def notices(self, root: MappingNode) -> tuple[Notice, ...]:
        """Read the notices; a reason is one text, or one for each language of the site."""
        made = []
        fields = {name: spec for name, spec in field_table(Notice).items() if name != "reason"}
        for item in self.mappings(root, "notices", _NOTICE):
            given = self.mapping(item, Layout(Notice, fields, ("reason",), False))
            reason = self.texts(item, "reason", root)
            day = item.entries.get("date")
            if self.is_day(day) and reason and {"protocol", "version", "status"} <= given.keys():
                made.append(Notice(**{**given, "reason": reason}))
        return tuple(made)

    def validations(self, root: MappingNode) -> tuple[Validation, ...]:
        """Read who brought which card onto which console."""
        return tuple(Validation(**one) for one in self.records(root, "validations", Validation, _VALIDATION))

    def approvals(self, root: MappingNode) -> tuple[Approval, ...]:
        """Read who wrote and who approved which version."""
        return tuple(Approval(**one) for one in self.records(root, "approvals", Approval, _APPROVAL))

    def records(
        self, root: MappingNode, key: str, model: type[Node], example: str
    ) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list of records that are whole and have a day."""
        form = Layout(model, field_table(model), cites=False)
        required = {name for name, spec in form.fields.items() if spec.required}
        for item in self.mappings(root, key, example):
            given = self.mapping(item, form)
            if self.is_day(item.entries.get("date")) and required <= given.keys():
                yield given

    def mappings(self, root: MappingNode, key: str, example: str) -> Iterator[MappingNode]:
        """Yield the mappings of a list that may be missing; anything else in it is reported."""
        node = root.entries.get(key)
        if node is not None and not isinstance(node, SequenceNode):
            self.error("wrong-shape", f"{key} is a list", node, example)
        for item in node.items if isinstance(node, SequenceNode) else ():
            if isinstance(item, MappingNode):
                yield item
            else:
                self.error("wrong-shape", f"an entry of {key} is a mapping", item, example)

    def check_logo(self, root: MappingNode) -> None:
        """Report a logo that is no picture, or not there."""
        node = root.entries.get("logo")
        if isinstance(node, ScalarNode):
            path = self.path.parent / node.text
            if path.suffix not in (".svg", ".png") or not path.is_file():
                message = f"there is no picture {node.text!r} beside the publication"
                self.error("missing-file", message, node, "an SVG or PNG file")

    def texts(self, item: MappingNode, key: str, root: MappingNode) -> dict[str, str]:
        """Read a text: one for all languages, or a mapping of language to text."""
        node, listed = item.entries.get(key), root.entries.get("languages")
        first = listed.items[0] if isinstance(listed, SequenceNode) and listed.items else None
        if isinstance(node, ScalarNode) and node.text.strip():
            theirs = self.base.head.languages[0] if self.base else "en"
            return {first.text if isinstance(first, ScalarNode) else theirs: node.text}
        found = node.entries if isinstance(node, MappingNode) else {}
        texts = {code: one.text for code, one in found.items() if isinstance(one, ScalarNode)}
        for code in found:
            if code not in languages():
                self.error("unknown-word", f"there is no catalogue for the language {code!r}", found[code])
        if not texts:
            self.error("missing-key", f"{key!r} is missing", node or item, f"{key}: {{en: ..., fr: ...}}")
        return texts

    def is_day(self, node: YamlNode | None) -> bool:
        """Say whether a node is a day; report it if not. A missing one is reported where it is required."""
        try:
            date.fromisoformat(node.text if isinstance(node, ScalarNode) else "")
        except ValueError:
            if node is not None:
                self.error("wrong-type", "a date is a day", node, "a day, such as 2024-03-01")
            return False
        return True

    def dates(self, root: MappingNode) -> dict[str, date]:
        node = root.entries.get("dates")
        found = dict(self.base.dates) if self.base else {}
        if node is None:
            return found
        if not isinstance(node, MappingNode):
            self.error("wrong-shape", "dates is a mapping", node, '{"2020.1": 2024-03-01}')
            return {}
        for version, item in node.entries.items():
            try:
                found[version] = date.fromisoformat(item.text if isinstance(item, ScalarNode) else "")
            except ValueError:
                self.error(
                    "wrong-type", f"the date of {version} is no day", item, "a day, such as 2024-03-01"
                )
        return found


def drafted(publication: Publication) -> Publication:
    """Return the publication as a draft: no PDF, since somebody waits for it."""
    return replace(publication, head=publication.head.model_copy(update={"pdf": False}))
