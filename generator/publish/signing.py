"""Signatures in the form of minisign: Ed25519 over the BLAKE2b digest of a file, with a signed comment.

The forms of keys and signatures are those that https://jedisct1.github.io/minisign describes; the curve
itself comes from the ``cryptography`` package (extra ``sign``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from generator.errors import UnusableInput, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SUFFIX = ".minisig"
_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "
_PLAIN, _HASHED = b"Ed", b"ED"
_SCRYPT, _NO_PASSWORD = b"Sc", b"\0\0"
_BLOCK = 8  # scrypt's r, fixed by the format
_MAXIMUM_MEMORY = 2**31


class BadSignature(Exception):
    """A signature that does not belong to the file or to the key."""


@dataclass(frozen=True)
class PublicKey:
    """Whom a signature is checked against."""

    number: bytes
    octets: bytes

    def verify(self, content: bytes, signature: str) -> str:
        """Check a signature.

        Parameters
        ----------
        content : bytes
            The signed file.
        signature : str
            Text of the ``.minisig`` file.

        Returns
        -------
        str
            The trusted comment.

        Raises
        ------
        BadSignature
            If it is malformed, by another key, or not of this content.
        """
        from cryptography.exceptions import InvalidSignature

        packed, signed_comment, comment = _parse_signature(signature)
        if packed[2:10] != self.number:
            raise BadSignature("signed with another key")
        message = content if packed[:2] == _PLAIN else _digest(content)
        key = self._key()
        try:
            key.verify(packed[10:], message)
            key.verify(signed_comment, packed[10:] + comment.encode())
        except InvalidSignature as error:
            raise BadSignature("the signature is not of this content") from error
        return comment

    def _key(self) -> Ed25519PublicKey:
        key: Ed25519PublicKey = _library().Ed25519PublicKey.from_public_bytes(self.octets)
        return key


@dataclass(frozen=True)
class SecretKey:
    """Who signs."""

    number: bytes
    seed: bytes

    def sign(self, content: bytes, name: str, more: str = "") -> str:
        """Sign a file; the same content, name and remark give the same signature.

        Parameters
        ----------
        name : str
            Put into the trusted comment; no time of day, so that a build can be repeated.
        more : str
            Put behind it: publication, number and day, which an older signature cannot have.
        """
        key = self._key()
        signature = key.sign(_digest(content))
        comment = f"file:{name}{more}"
        whole = key.sign(signature + comment.encode())
        lines = (
            _UNTRUSTED + "signature of an examcard site",
            _base64(_HASHED + self.number + signature),
            _TRUSTED + comment,
            _base64(whole),
        )
        return "\n".join(lines) + "\n"

    def public(self) -> PublicKey:
        """Return the key that checks what this one signs."""
        return PublicKey(self.number, self._key().public_key().public_bytes_raw())

    def _key(self) -> Ed25519PrivateKey:
        key: Ed25519PrivateKey = _library().Ed25519PrivateKey.from_private_bytes(self.seed)
        return key


def public_key(given: str) -> PublicKey:
    """Read a public key: a file of minisign, or the key itself in base64.

    Raises
    ------
    UnusableInput
        If it is neither.
    """
    path = Path(given)
    text = _second_line(path) if path.is_file() else given
    octets = _decoded(text)
    if len(octets) != 42 or octets[:2] != _PLAIN:
        raise UnusableInput(given, "not a public key of minisign")
    return PublicKey(octets[2:10], octets[10:])


def secret_key(path: Path, password: str | None = None) -> SecretKey:
    """Read a secret key of minisign, with or without a password.

    Raises
    ------
    UnusableInput
        If it is none, or the password is wrong.
    UsageError
        If it needs a password.
    """
    octets = _decoded(_second_line(path))
    if len(octets) != 158 or octets[:2] != _PLAIN or octets[4:6] != b"B2":
        raise UnusableInput(path, "not a secret key of minisign")
    sealed = octets[54:]
    if octets[2:4] == _SCRYPT:
        if password is None:
            raise UsageError(f"{path.name} is protected by a password")
        stream = _stream(password, octets, path)
        sealed = bytes(a ^ b for a, b in zip(sealed, stream, strict=True))
    elif octets[2:4] != _NO_PASSWORD:
        raise UnusableInput(path, "an unknown way to protect a key")
    number, secret, checksum = sealed[:8], sealed[8:72], sealed[72:]
    key = SecretKey(number, secret[:32])
    # Keys without a password carry no checksum; every key carries its public half.
    right = hashlib.blake2b(_PLAIN + number + secret, digest_size=32).digest()
    if checksum not in (right, bytes(32)) or key.public().octets != secret[32:]:
        raise UnusableInput(path, "wrong password, or a damaged key")
    return key


def needs_password(path: Path) -> bool:
    """Say whether a secret key is protected by a password."""
    return _decoded(_second_line(path))[2:4] == _SCRYPT


def _stream(password: str, octets: bytes, path: Path) -> bytes:
    """Derive the bytes that cover a secret key; cost as libsodium reads it from the two limits."""
    salt = octets[6:38]
    operations, memory = (int.from_bytes(octets[at : at + 8], "little") for at in (38, 46))
    if memory > _MAXIMUM_MEMORY:
        raise UnusableInput(path, "asks for more memory than any key needs")
    operations = max(operations, 32768)
    if operations < memory // 32:
        cost, parallel = _power(operations // (_BLOCK * 4)), 1
    else:
        cost = _power(memory // (_BLOCK * 128))
        parallel = min(operations // 4 // cost, 0x3FFFFFFF) // _BLOCK
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=_BLOCK, p=parallel, dklen=104, maxmem=memory + 2**27
    )


def _power(limit: int) -> int:
    """Return the cost that a limit allows: the first power of two above half of it."""
    exponent = 1
    while exponent < 63 and 1 << exponent <= limit // 2:
        exponent += 1
    return 1 << exponent


def _parse_signature(text: str) -> tuple[bytes, bytes, str]:
    lines = text.splitlines()
    if len(lines) < 4 or not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
        raise BadSignature("not a signature of minisign")
    packed, whole = _decoded(lines[1]), _decoded(lines[3])
    if len(packed) != 74 or len(whole) != 64 or packed[:2] not in (_PLAIN, _HASHED):
        raise BadSignature("not a signature of minisign")
    return packed, whole, lines[2].removeprefix(_TRUSTED)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content).digest()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _second_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    return lines[1] if len(lines) > 1 else ""


def _library() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise UsageError("signatures need the package cryptography: pip install 'examcard[sign]'") from error
    return ed25519
