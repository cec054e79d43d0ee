"""What became of a published version: superseded, withdrawn, recalled; said on pages without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from generator.publish.labels import STATUSES
from generator.publish.notice import REFUSED, Approval, Notice
from generator.publish.render import page, render
from generator.publish.staging import put
from generator.publish.state import History, State

NAME = "status.json"
_SLOT = re.compile(r"<!--(notice|approval)-->.*?<!--/\1-->", re.DOTALL)
_DOWNLOAD = r"<!--download {slug}-->.*?<!--/download-->"


@dataclass(frozen=True)
class Standing:
    """What holds of a version today.

    Attributes
    ----------
    newest : str or None
        The version that takes its place; ``None`` if it is the current one, or there is none.
    gone : bool
        Whether the publication has no such protocol any more.
    notices : tuple of Notice
        Those that hold.
    approval : Approval or None
        Who approved it.
    """

    newest: str | None
    gone: bool
    notices: tuple[Notice, ...]
    approval: Approval | None = None

    @property
    def digest(self) -> str:
        """A short text that changes whenever the standing does; empty where there is nothing to say."""
        if not (self.newest or self.gone or self.notices or self.approval):
            return ""
        approval = self.approval.model_dump() if self.approval else None
        parts = [self.newest, self.gone, [one.model_dump() for one in self.notices], approval]
        return sha256(json.dumps(parts).encode()).hexdigest()[:16]


def standing(state: State, current: Mapping[str, str], protocol: str, version: str) -> Standing:
    """Say what holds of a version."""
    newest = current.get(protocol)
    about = (one for one in state.notices if (one.protocol, one.version) == (protocol, version))
    last = {one.cards: one for one in about}
    if None in last:
        after = list(last).index(None)
        last = {cards: one for at, (cards, one) in enumerate(last.items()) if at >= after}
    holding = tuple(one for one in last.values() if one.status != "reinstated")
    approvals = (one for one in state.approvals if (one.protocol, one.version) == (protocol, version))
    return Standing(newest if newest != version else None, newest is None, holding, next(approvals, None))


def statuses(state: State, current: Mapping[str, str], protocol: str, version: str) -> tuple[str, ...]:
    """Say in a word each what notices hold of a version, each once."""
    here = standing(state, current, protocol, version)
    return tuple(dict.fromkeys(STATUSES[one.status] for one in here.notices))


def of_card(notices: Iterable[Notice], slug: str) -> Notice | None:
    """Return the notice that holds of a card."""
    return next((one for one in notices if one.covers(slug)), None)


def briefs(site: Path, protocol: str, version: str) -> list[dict[str, Any]]:
    """Read what the summary of a version says of its cards."""
    path = site / "protocols" / protocol / version / "version.json"
    found: list[dict[str, Any]] = json.loads(path.read_bytes())["cards"] if path.is_file() else []
    return found


def mark(
    site: Path,
    state: State,
    current: Mapping[str, str],
    languages: Sequence[str],
    facts: Mapping[str, Any],
    check: Callable[[str, bytes], None],
) -> int:
    """Write on every page and sheet what became of its version, and take away what is to be removed.

    Parameters
    ----------
    current : mapping of str to str
        The version of each protocol that the publication asks for.
    check : callable
        Receives name and content of what is about to be written.

    Returns
    -------
    int
        Number of files that changed.
    """
    written = 0
    for protocol, history in state.protocols.items():
        for version in history.days:
            here = standing(state, current, protocol, version)
            if here.digest == history.marks.get(version, "") and current.get(protocol) != version:
                continue
            history.marks[version] = here.digest
            folder = f"protocols/{protocol}/{version}"
            written += _remove(site, folder, here)
            for name, content in _marked(site, folder, protocol, version, here, languages, facts):
                check(name, content)
                written += put(site, name, content)
    return written


def _marked(
    site: Path,
    folder: str,
    protocol: str,
    version: str,
    here: Standing,
    languages: Sequence[str],
    facts: Mapping[str, Any],
) -> Iterator[tuple[str, bytes]]:
    """Yield the pages and sheets of a version with what holds of it."""
    cards = briefs(site, protocol, version)
    for language in languages:
        name, root = page(language, languages), "../../../"
        shared = {"site": facts, "languages": languages, "protocol": protocol, "version": version}
        path = site / folder / name
        if not path.is_file():
            continue
        text = _filled(path.read_text(encoding="utf-8"), language, here, root=root, sheet=False, **shared)
        for card in cards:
            notice = of_card(here.notices, card["slug"])
            there = (site / folder / card["folder"] / card["file"]).exists()
            button = render("slot.html.j2", language, notice=notice, card=card, there=there)
            pattern = _DOWNLOAD.format(slug=re.escape(card["slug"]))
            text = re.sub(pattern, lambda _, b=button: b.strip(), text, flags=re.DOTALL)  # type: ignore[misc]
        yield f"{folder}/{name}", text.encode()
        for card in cards:
            notice = of_card(here.notices, card["slug"])
            own = replace(here, notices=(notice,) if notice else ())
            place = f"{folder}/{card['folder']}/sheet.{language}.html"
            if (site / place).is_file():
                sheet = (site / place).read_text(encoding="utf-8")
                yield place, _filled(sheet, language, own, root="", sheet=True, **shared).encode()


def _filled(text: str, language: str, here: Standing, **values: Any) -> str:
    """Fill the slots of a page or a sheet."""

    def slot(found: re.Match[str]) -> str:
        said = render(f"{found[1]}.html.j2", language, here=here, **values).strip()
        return f"<!--{found[1]}-->{said}<!--/{found[1]}-->"

    return _SLOT.sub(slot, text)


def unmarked(content: bytes) -> bytes:
    """A page or sheet with its slots empty: as it was made."""
    return _SLOT.sub(r"<!--\1--><!--/\1-->", content.decode()).encode()


def _remove(site: Path, folder: str, here: Standing) -> int:
    """Take away what a notice covers: the printed sheets, which cannot be marked, and the file if asked."""
    gone = 0
    for path in (site / folder).glob("*/*/*"):
        notice = of_card(here.notices, path.parent.parent.name)
        doomed = notice and (path.suffix in (".pdf", ".minisig") or (notice.remove and path.match("*_*.zip")))
        if doomed:
            path.unlink()
            gone += 1
    return gone


def status(site: Path, state: State, current: Mapping[str, str]) -> dict[str, Any]:
    """Say of every export that is not current why, by its digest: what ``verify`` asks."""
    found = []
    for protocol, history in sorted(state.protocols.items()):
        for version in history.days:
            here = standing(state, current, protocol, version)
            for card in briefs(site, protocol, version):
                if (entry := _entry(here, of_card(here.notices, card["slug"]))) is not None:
                    about = {
                        "protocol": protocol,
                        "version": version,
                        "card": card["slug"],
                        "folder": card["folder"],
                    }
                    found.append({**about, "file": card["file"], "sha256": card["sha256"], **entry})
    return {"form": 1, "number": state.number, "date": state.date, "not_current": found}


def _entry(here: Standing, notice: Notice | None) -> dict[str, Any] | None:
    if notice:
        return notice.model_dump(include={"status", "date", "reason", "by", "remove"})
    if here.gone:
        return {"status": "discontinued"}
    return {"status": "outdated", "by": here.newest} if here.newest else None


def refused(known: Mapping[str, Any]) -> set[str]:
    """Addresses of the exports that a notice covers, in a status."""
    return {_address(one) for one in known["not_current"] if one["status"] in REFUSED}


def removed(known: Mapping[str, Any]) -> set[str]:
    """Addresses of the exports that were taken away."""
    return {_address(one) for one in known["not_current"] if one.get("remove")}


def _address(one: Mapping[str, Any]) -> str:
    return f"protocols/{one['protocol']}/{one['version']}/{one['folder']}/{one['file']}"


def unknown(state: State) -> list[str]:
    """Say which notices are about a version that was never published."""
    return [
        f"the notice of {one.date} is about {one.protocol} {one.version}, which is not published"
        for one in state.notices
        if one.version not in state.protocols.get(one.protocol, History()).days
    ]


def lists(
    site: Path,
    state: State,
    current: Mapping[str, str],
    languages: Sequence[str],
    facts: Mapping[str, Any],
) -> dict[str, bytes]:
    """Render for every protocol the page that lists its versions and what became of them."""
    made = {}
    for protocol, history in state.protocols.items():
        versions = [(one, day, standing(state, current, protocol, one)) for one, day in history.days.items()]
        newest = site / "protocols" / protocol / next(reversed(history.days)) / "version.json"
        title = json.loads(newest.read_bytes())["title"]
        for language in languages:
            name = page(language, languages)
            values = {
                "protocol": protocol,
                "title": title,
                "versions": versions,
                "site": facts,
                "languages": languages,
            }
            html = render("versions.html.j2", language, root="../../", here=name, **values)
            made[f"protocols/{protocol}/{name}"] = html.encode()
    return made
