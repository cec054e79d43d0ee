"""Nothing of a donor, a person or a machine reaches the site: what no file may hold, and how to find it."""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from markupsafe import escape

from generator import vendors
from generator.errors import UnusableInput
from generator.publish.layers import TooLarge, layers

# Fields of vendor files and of DICOM whose value names a site, a person or a machine.
_IDENTIFYING_KEYS = """
    InstitutionName InstitutionAddress InstitutionalDepartmentName HospitalName StationName
    DeviceSerialNumber SystemSerialNumber SerialNumber PatientName PatientID PatientsName
    PatientIDs OtherPatientIDs OtherPatientNames PatientBirthName PatientBirthDate PatientAddress
    PatientTelephoneNumbers IssuerOfPatientID AccessionNumber StudyID MedicalRecordLocator
    OperatorsName OperatorName PerformingPhysiciansName ReferringPhysiciansName
    MrEdbUser UserName LastModifiedBy ModifiedBy CreatedBy Author HostName
"""
_KEY_AND_VALUE = re.compile(
    rb"\b[a-z]{0,2}(?:"
    + "|".join(_IDENTIFYING_KEYS.split()).encode()
    + rb")\b[\"']?\s*(?:[=:>]|</?\w[^>]*>|\s)\s*(?:\{\s*)?[\"']?"
    rb"([^\"'<>\r\n\0=;,{}\[\]]{4,80})"
)

# Words that a machine or a program uses of itself; they name nobody.
_COMMON = """
    root user users admin administrator localhost default guest service system none null true false unknown
    siemens philips canon toshiba ubuntu debian docker runner build builder nobody informix sdc meduser
    medadmin host work home test example temp main name author text string value
"""
_NOBODY = frozenset([*_COMMON.split(), "text not null"])
_SHORTEST = 4
_GENERIC = re.compile(r"(?i)(?:protocol|donor)\d*(?:\.\w+)*")
"""Names of files that a console gives, or that a careful person gave."""

_HOME = re.compile(rb"(?i)(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})(?P<user>[A-Za-z0-9._-]+)")
_HOME_SIGNS = (b"/home/", b"/users/", b"\\users\\")
_MAIL_NAME = re.compile(rb"[A-Za-z0-9._%+-]{2,64}\Z")
_MAIL_HOST = re.compile(rb"@[A-Za-z0-9-]{2,}(?:\.[A-Za-z0-9-]{2,})*\.[A-Za-z]{2,}\b")
_HOSPITAL = re.compile(
    rb"(?i)\b(?:h(?:o|\xc3\xb4|\xf4)pital\w*|hospital\w*|ospedale|hospitalier\w*|clini(?:que|c)s?|[\w-]*klinik\w*"
    rb"|CHU|CHRU|infirmary|medical cent(?:er|re)|universit\w+)\b[ ,\w\x80-\xff-]{0,40}"
)


@dataclass(frozen=True)
class Leak:
    """Something that must not be published."""

    file: str
    what: str
    found: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}: {self.found!r}"


@dataclass(frozen=True)
class Watch:
    """What to look for; made once, then used for every file.

    Attributes
    ----------
    words : tuple of (bytes, str)
        Lower-case text that may be nowhere, and what it is.
    allowed : tuple of bytes
        Mail addresses that the publication itself gives.
    centre : tuple of bytes
        Name of the centre of a private publication, as text and as markup: its pages say it, its exports not.
    """

    words: tuple[tuple[bytes, str], ...]
    allowed: tuple[bytes, ...] = ()
    centre: tuple[bytes, ...] = ()

    def search(self, name: str, content: bytes, from_donor: bool = False) -> Iterator[Leak]:
        """Look through a file and everything packed in it.

        Parameters
        ----------
        from_donor : bool
            Whether the file is an export that was made from a donor; then the names of hospitals are looked
            for too. A spec may cite a university, a file of a donor may not.
        """
        try:
            for layer, octets in layers(name, content):
                yield from self._layer(layer, octets, from_donor)
        except TooLarge as error:
            yield Leak(name, "a part too large to be looked into", str(error))

    def _layer(self, layer: str, octets: bytes, from_donor: bool) -> Iterator[Leak]:
        for name in self.centre if layer.endswith(".html") or not from_donor else ():
            octets = octets.replace(name, b"")
        lowered = octets.lower()
        for word, what in self.words:
            if word in lowered and re.search(rb"(?<![a-z0-9])" + re.escape(word) + rb"(?![a-z0-9])", lowered):
                yield Leak(layer, what, word.decode("utf-8", "replace"))
        # Looking for a fixed sign first is many times faster than a pattern that begins with anything.
        if any(sign in lowered for sign in _HOME_SIGNS):
            for match in _HOME.finditer(octets):
                if match["user"].decode("ascii").lower() not in _NOBODY:
                    yield Leak(layer, "a home folder", match[0].decode("utf-8", "replace"))
        for address in _addresses(octets):
            if address not in self.allowed:
                yield Leak(layer, "a mail address", address.decode("utf-8", "replace"))
        for match in _HOSPITAL.finditer(octets) if from_donor else ():
            yield Leak(layer, "the name of a hospital or a university", match[0].decode("utf-8", "replace"))


def _addresses(octets: bytes) -> Iterator[bytes]:
    """Mail addresses in a text, found from their ``@``, which is rare, to both sides."""
    for host in _MAIL_HOST.finditer(octets):
        name = _MAIL_NAME.search(octets, max(0, host.start() - 64), host.start())
        if name:
            yield name[0] + host[0]


def watch(folders: Iterable[Path], donors: Iterable[Path], allowed: Iterable[str], centre: str = "") -> Watch:
    """Collect what must not be published: names of this machine, paths, what donors say of themselves.

    Parameters
    ----------
    folders : iterable of Path
        Folders that were read or written; their absolute paths are nobody's business.
    donors : iterable of Path
        Exports of real scanners.
    allowed : iterable of str
        Mail addresses that may appear.
    centre : str
        Whose private publication it is: its pages say the name, though its donors do too.
    """
    found: dict[bytes, str] = {}
    for word, what in ((socket.gethostname(), "the name of this machine"), (_user(), "the name of a user")):
        if _tells(word):
            found[word.lower().encode()] = what
    for folder in (*folders, Path.home()):
        path = str(folder.resolve())
        if len(Path(path).parts) > 2:
            found[path.lower().encode()] = "a folder of this machine"
    for donor in donors:
        found |= dict.fromkeys(identifying(donor), "a string that identifies the donor")
        found |= dict.fromkeys(_names(donor), "the name of the donor's file")
    own = tuple(sorted({centre.encode(), str(escape(centre)).encode()} - {b""}))
    return Watch(tuple(found.items()), tuple(address.encode() for address in allowed), own)


def _names(donor: Path) -> Iterator[bytes]:
    """What the file of a donor is called; a bare word, such as the name of a scanner, with its suffix."""
    if _GENERIC.fullmatch(donor.name):
        return
    yield donor.name.lower().encode()
    if re.search(r"[\W\d_]", donor.stem) and _tells(donor.stem):
        yield donor.stem.lower().encode()


def identifying(donor: Path) -> tuple[bytes, ...]:
    """List what a donor says of its site, its users and its machine, in lower case.

    A dialect that knows better has a function ``identifying``; the fields that usually hold such things are
    looked up in any case.
    """
    dialect, _ = vendors.of_file(donor)
    own: Callable[[Path], Iterable[str]] | None = getattr(dialect, "identifying", None)
    found = {word.lower().encode() for word in (own(donor) if own else ()) if _tells(word)}
    for path in sorted(donor.rglob("*")) if donor.is_dir() else [donor]:
        if path.is_file():
            found |= _values(path)
    return tuple(sorted(found))


def _values(path: Path) -> set[bytes]:
    found: set[bytes] = set()
    try:
        for _, octets in layers(path.name, path.read_bytes()):
            values = (match[1].strip() for match in _KEY_AND_VALUE.finditer(octets))
            found |= {value.lower() for value in values if _tells(value.decode("utf-8", "replace"))}
    except (OSError, TooLarge) as error:
        raise UnusableInput(path, f"cannot be searched for what identifies it: {error}") from error
    return found


def _tells(word: str) -> bool:
    """Say whether a word may identify someone: long enough, not a common one, no number of few digits."""
    plain = word.strip().lower()
    return len(plain) >= _SHORTEST and plain not in _NOBODY and not re.fullmatch(r"[\d.\s-]{1,5}", plain)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
