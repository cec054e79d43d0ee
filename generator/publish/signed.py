"""Signatures of a site: of its sums, and of every export, so that an archive can be checked by itself."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from generator.publish import sums
from generator.publish.signing import SUFFIX, BadSignature, PublicKey, SecretKey
from generator.publish.staging import put
from generator.publish.state import State


def by(site: Path, key: SecretKey) -> bool:
    """Say whether the sums of a site are signed with a key."""
    return _good(site / sums.NAME, key.public())


def sign_all(site: Path, key: SecretKey, listed: bytes, state: State, refused: Collection[str]) -> int:
    """Sign the sums, and every export that is not signed with this key yet; count the signatures written.

    Parameters
    ----------
    refused : collection of str
        Addresses of exports that get none.
    """
    public, more = key.public(), f"\tnumber:{state.number}\tdate:{state.date}"
    written = int(put(site, sums.NAME + SUFFIX, key.sign(listed, sums.NAME, more).encode()))
    for path in sorted(site.glob("protocols/*/*/*/*/*_*.zip")):
        name = path.relative_to(site).as_posix()
        if name not in refused and not _good(path, public):
            written += put(site, name + SUFFIX, key.sign(path.read_bytes(), path.name, more).encode())
    return written


def _good(path: Path, key: PublicKey) -> bool:
    signature = path.with_name(path.name + SUFFIX)
    if not (path.is_file() and signature.is_file()):
        return False
    try:
        key.verify(path.read_bytes(), signature.read_text(encoding="utf-8", errors="replace"))
    except BadSignature:
        return False
    return True
