"""Signatures: what minisign makes is good here, what is made here is good for minisign, nothing else is."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="needs the extra `sign`")

from generator.errors import UnusableInput, UsageError
from generator.publish.signing import BadSignature, SecretKey, needs_password, public_key, secret_key
from generator.publish.site import Options
from generator.publish.verify import verify
from tests.publish.conftest import LONGER, Network

# From the documentation of the Python package py-minisign: made by the reference program.
DOCUMENTED_KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
DOCUMENTED_SIGNATURE = (
    "untrusted comment: signature from minisign secret key\n"
    "RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=\n"
    "trusted comment: timestamp:1555779966\tfile:test\n"
    "QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==\n"
)
KEY = SecretKey(b"keynumbr", bytes(range(32)))


def secret_file(path: Path, key: SecretKey, password: str | None = None) -> Path:
    """Write a key as minisign does; with a password at the cheapest cost the form allows."""
    secret = key.seed + key.public().octets
    checksum = hashlib.blake2b(b"Ed" + key.number + secret, digest_size=32).digest()
    inner, way, salt, limits = key.number + secret + checksum, b"\0\0", bytes(32), (0, 0)
    if password is not None:
        way, salt, limits = b"Sc", b"s" * 32, (32768, 16_777_216)
        stream = hashlib.scrypt(password.encode(), salt=salt, n=1024, r=8, p=1, dklen=104)
        inner = bytes(a ^ b for a, b in zip(inner, stream, strict=True))
    numbers = b"".join(limit.to_bytes(8, "little") for limit in limits)
    packed = base64.b64encode(b"Ed" + way + b"B2" + salt + numbers + inner).decode()
    path.write_text(f"untrusted comment: test\n{packed}\n")
    return path


def public_file(path: Path, key: SecretKey) -> Path:
    packed = base64.b64encode(b"Ed" + key.number + key.public().octets).decode()
    path.write_text(f"untrusted comment: test\n{packed}\n")
    return path


def test_a_documented_signature_is_good() -> None:
    assert (
        public_key(DOCUMENTED_KEY).verify(b"test", DOCUMENTED_SIGNATURE) == "timestamp:1555779966\tfile:test"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("file:test", "file:best"),
        ("ig1BNpWaV", "ig1BNpWaW"),
        ("trusted comment: t", "comment: t"),
        ("QtKMXWyY", "QtKMXWyZ"),
        ("RWQf6LRCGA9i59", "RWQf6LRCGA9i60"),
        ("RWQf6LRCGA9i59SLOFxz", "!!"),
    ],
)
def test_a_signature_that_was_touched_is_bad(old: str, new: str) -> None:
    assert old in DOCUMENTED_SIGNATURE
    with pytest.raises(BadSignature):
        public_key(DOCUMENTED_KEY).verify(b"test", DOCUMENTED_SIGNATURE.replace(old, new))


def test_other_content_is_not_signed() -> None:
    with pytest.raises(BadSignature):
        public_key(DOCUMENTED_KEY).verify(b"Test", DOCUMENTED_SIGNATURE)
    with pytest.raises(BadSignature, match="another key"):
        KEY.public().verify(b"test", DOCUMENTED_SIGNATURE)


def test_signing_is_repeatable_and_good() -> None:
    signature = KEY.sign(b"content", "SHA256SUMS")
    assert signature == KEY.sign(b"content", "SHA256SUMS")
    assert KEY.public().verify(b"content", signature) == "file:SHA256SUMS"


def test_keys_are_read_with_and_without_password(tmp_path: Path) -> None:
    plain, locked = secret_file(tmp_path / "plain", KEY), secret_file(tmp_path / "locked", KEY, "sesame")
    assert secret_key(plain) == KEY
    assert not needs_password(plain)
    assert secret_key(locked, "sesame") == KEY
    assert needs_password(locked)
    with pytest.raises(UsageError, match="password"):
        secret_key(locked)
    with pytest.raises(UnusableInput, match="wrong password"):
        secret_key(locked, "Sesame")
    assert public_key(str(public_file(tmp_path / "pub", KEY))) == KEY.public()


@pytest.mark.parametrize("text", ["", "one line", "a\nb\n", "a\n" + base64.b64encode(b"Ed" * 30).decode()])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(UnusableInput):
        secret_key(path)
    with pytest.raises(UnusableInput):
        public_key(str(path))


def test_minisign_itself_agrees(tmp_path: Path) -> None:
    program = shutil.which("minisign")
    if program is None:
        pytest.skip("needs the program minisign")
    public = public_file(tmp_path / "pub", KEY)
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "file.minisig").write_text(KEY.sign(b"content", "file"))
    done = subprocess.run([program, "-Vm", tmp_path / "file", "-p", public], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Trusted comment: file:file" in done.stdout


def test_a_signed_site_is_verified_offline(network: Network, tmp_path: Path) -> None:
    network.publish(Options(key=KEY, workers=0))
    verdict = verify(network.site, KEY.public())
    assert (verdict.faults, verdict.comment) == ((), "file:SHA256SUMS\tnumber:1\tdate:2024-03-01")
    assert (verdict.number, verdict.date) == (1, "2024-03-01")
    signatures = [name for name in network.files() if name.endswith(".minisig")]
    assert verdict.checked == len(network.files()) - 1 - len(signatures)
    (archive,) = network.site.glob("protocols/*/1/ge-3T-MR30.0/*/*_*.zip")
    assert verify(archive, KEY.public()).faults == ()
    alone = tmp_path / "downloads"
    alone.mkdir()
    shutil.copy(archive, alone)
    assert "is not signed" in verify(alone / archive.name, KEY.public()).faults[0]
    shutil.copy(archive.with_name(archive.name + ".minisig"), alone)
    by_itself = verify(alone / archive.name, KEY.public())
    assert (by_itself.faults, by_itself.number) == ((), 1)
    assert "does not tell whether it was withdrawn" in by_itself.remarks[0]
    assert verify(alone / archive.name, KEY.public(), network.site / "SHA256SUMS").faults == ()
    (alone / archive.name).write_bytes(b"other")
    assert verify(alone / archive.name, None, network.site / "SHA256SUMS").faults == (
        f"{archive.name} is not what was published",
    )


def test_what_no_list_can_name_is_found(network: Network, tmp_path: Path) -> None:
    """Signatures of nothing, lists in folders, folders that are links."""
    network.publish(Options(key=KEY, workers=0))
    assert verify(network.site, KEY.public()).faults == ()
    (network.site / "extra.html.minisig").write_text("x")
    (network.site / "protocols" / "SHA256SUMS").write_text("x")
    (tmp_path / "elsewhere").mkdir()
    (network.site / "linked").symlink_to(tmp_path / "elsewhere")
    assert set(verify(network.site, KEY.public()).faults) == {
        "extra.html.minisig is not part of the site",
        "protocols/SHA256SUMS is not part of the site",
        "linked is a link to a folder, not part of the site",
    }


def test_every_kind_of_damage_is_named(network: Network) -> None:
    network.publish(Options(key=KEY, workers=0))
    (network.site / "index.json").unlink()
    (network.site / "extra.html").write_text("mine")
    (network.site / "feed.atom").write_text("yours")
    faults = verify(network.site, KEY.public()).faults
    assert set(faults) == {
        "index.json is missing",
        "extra.html is not part of the site",
        "feed.atom is not what was published",
    }
    listing = network.site / "SHA256SUMS"
    listing.write_text(listing.read_text().replace("  index.html", "  xndex.html"))
    assert any(
        "signature is not of this content" in fault for fault in verify(network.site, KEY.public()).faults
    )


def test_an_unsigned_site_does_not_pass_for_a_signed_one(network: Network) -> None:
    network.publish()
    assert "not signed" in verify(network.site, KEY.public()).faults[0]
    assert verify(network.site, None).faults == ()
    result = network.publish(Options(key=KEY, workers=0))
    assert result.written, "asking for a signature is a change"
    assert verify(network.site, KEY.public()).faults == ()


def test_a_signature_follows_the_site_and_never_lags(network: Network) -> None:
    network.publish(Options(key=KEY, workers=0))
    network.spec(version="2", change=LONGER)
    network.publish()
    assert not (network.site / "SHA256SUMS.minisig").exists(), "the old signature is not of the new sums"
