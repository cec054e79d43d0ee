"""From a publication to a site: plan, build beside, look for leaks, sum, sign, switch."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, UsageError
from generator.publish import app, catalogue, jobs, notices, order, privacy, signed, state, sums
from generator.publish.jobs import CannotPublish, Job
from generator.publish.notice import Notice
from generator.publish.publication import Publication
from generator.publish.record import json_bytes, slug
from generator.publish.sheets import require_pdf
from generator.publish.signing import SUFFIX, SecretKey
from generator.publish.staging import put, recover, staging, switch
from generator.publish.state import History, State
from generator.publish.work import (
    CardTask,
    PageTask,
    Setting,
    build_card,
    build_pages,
    leaks,
    run,
    start_worker,
)

Progress = Callable[[int, int, str], None]
"""Receives how many tasks are done, of how many, and what is being made."""


@dataclass(frozen=True)
class Result:
    """What publishing did.

    Attributes
    ----------
    protocols, cards : int
        What the publication asks for.
    rebuilt : int
        Protocols of which something had changed.
    written : int
        Files that are new on the site, or differ from before.
    kept : tuple of str
        Published companions of an export (sheets, schemas) that would be different today; they stay.
    unsigned : bool
        Whether the site was signed before and is not now.
    remarks : tuple of str
        What the publisher should know: a new version in which nothing changed.
    """

    protocols: int
    cards: int
    rebuilt: int
    written: int
    kept: tuple[str, ...] = ()
    unsigned: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """How to publish.

    Attributes
    ----------
    key : SecretKey or None
        Who signs; without one there are sums and no signature.
    workers : int
        Processes; 0 does everything in this one.
    draft : bool
        Whether a published file may change, as in the preview of ``examcard serve``.
    app : Path or None
        Folder of the built page that runs the program in a browser; without it the site has none.
    """

    key: SecretKey | None = None
    workers: int = 2
    draft: bool = False
    app: Path | None = None


@dataclass(frozen=True)
class _Plan:
    """What is asked for, against what is there."""

    wanted: tuple[Job, ...]
    state: State
    stale: tuple[Job, ...]
    facts: dict[str, Any]
    publication: Publication

    @property
    def cards(self) -> int:
        return sum(len(job.targets) for job in self.wanted)

    @property
    def current(self) -> dict[str, str]:
        return {job.protocol: job.version for job in self.wanted}


def publish(
    publication: Publication, site: Path, options: Options, progress: Progress | None = None
) -> Result:
    """Bring a site up to date with its publication.

    Parameters
    ----------
    site : Path
        Folder of the site; made if it is missing, replaced as a whole or left alone.

    Returns
    -------
    Result
        With ``written`` 0 if the site was up to date; nothing was written then.

    Raises
    ------
    CannotPublish
        With every reason: a rule that finds an error, an export that changed under its version, a leak.
    SourceErrors, UnusableInput, UsageError
        For a spec, a donor or a folder that cannot be used.
    """
    if publication.head.pdf:
        require_pdf()
    recover(site)
    old = state.read(site)
    _stand_apart(site, old, publication)
    plan = _plan(publication, old, options)
    was_signed = (site / (sums.NAME + SUFFIX)).exists()
    if plan.state.digest == old.digest and (options.key is None or signed.by(site, options.key)):
        return Result(len(plan.wanted), plan.cards, 0, 0)
    with staging(site) as fresh:
        setting = _setting(fresh, publication, plan, options.draft)
        result = _fill(plan, setting, options.workers, progress or (lambda *_: None))
        entries = _finish(publication, plan, setting, options)
        switch(fresh, site)
    unsigned = was_signed and options.key is None
    return replace(result, written=result.written + entries, unsigned=unsigned)


def _stand_apart(site: Path, old: State, publication: Publication) -> None:
    """Refuse a public site where a private one is or lies, and the other way round.

    Raises
    ------
    UsageError
        With both names; nothing was written.
    """
    private = publication.head.private
    if old.number and old.private != private:
        whose = f"the private site of {old.private}" if old.private else "a public site"
        raise UsageError(f"{site} is {whose}; {publication.head.id} needs a folder of its own")
    for folder in site.resolve().parents:
        with suppress(UnusableInput):  # a build.json of some other program
            if (folder / state.NAME).is_file() and state.read(folder).number:
                raise UsageError(f"{site} lies in the site {folder}; put it beside that one")


def facts_of(publication: Publication) -> dict[str, Any]:
    """What pages and sheets say of a publication."""
    head = publication.head.model_dump(mode="json")
    if publication.head.logo:
        path = publication.path.parent / publication.head.logo
        head["logo"] = f"assets/logo-{sums.digest(path)[:8]}{path.suffix}"
    return head | {"contact": publication.contact.model_dump(mode="json")}


def _plan(publication: Publication, old: State, options: Options) -> _Plan:
    wanted = tuple(jobs.jobs(publication))
    facts = facts_of(publication) | {"app": options.app is not None}
    new, made_by = deepcopy(old), jobs.program()
    stale = []
    problems = [] if options.draft else [text for job in wanted for text in order.backwards(job, old)]
    new.notices += [one for one in _notices(publication, old, wanted) if one not in old.notices]
    new.approvals, new.private = list(publication.approvals), publication.head.private
    for job in wanted:
        history = new.protocols.setdefault(job.protocol, History())
        history.days[job.version] = jobs.day_of(job, publication, history.days.get(job.version))
        said = [one.model_dump() for one in new.notices if one.protocol == job.protocol]
        said += [one.model_dump() for one in publication.validations if one.protocol == job.protocol]
        known = facts | {"said": said}
        digest = jobs.job_digest(job, made_by, known, history.days[job.version], history.days)
        if digest != history.digest:
            stale.append(job)
            history.digest = digest
    problems += notices.unknown(new)
    if problems:
        raise CannotPublish(tuple(problems))
    new.digest = _digest_of_all(wanted, new, made_by, facts, options.app)
    new.number = old.number + 1
    days = [day for history in new.protocols.values() for day in history.days.values()]
    new.date = max([*days, *(one.date for one in new.notices)], default="")
    return _Plan(wanted, new, tuple(stale), facts, publication)


def _notices(publication: Publication, old: State, wanted: Sequence[Job]) -> Iterator[Notice]:
    """What the publication says of cards, and what the one it extends says of the versions that are here."""
    known = {(job.protocol, job.version) for job in wanted}
    known |= {(protocol, version) for protocol, history in old.protocols.items() for version in history.days}
    yield from (one.widened() for one in publication.inherited if (one.protocol, one.version) in known)
    yield from publication.notices


def _digest_of_all(
    wanted: Sequence[Job], new: State, made_by: str, facts: Mapping[str, Any], page: Path | None
) -> str:
    parts = [made_by, *(f"{job.folder} {new.protocols[job.protocol].digest}" for job in wanted)]
    parts += [one.model_dump_json() for one in (*new.notices, *new.approvals)]
    parts.append(json.dumps(facts, sort_keys=True))
    parts += [sha256((page / app.OFFLINE).read_bytes()).hexdigest()] if page else []
    return sha256("\n".join(parts).encode()).hexdigest()


def _setting(fresh: Path, publication: Publication, plan: _Plan, draft: bool) -> Setting:
    donors = {donor for job in plan.stale for _, donor in job.targets if donor}
    contact = publication.contact.email
    private = [publication.path.parent, fresh.parent]
    return Setting(
        folder=fresh,
        watch=privacy.watch(
            private, sorted(donors), [contact] if contact else [], publication.head.private or ""
        ),
        languages=publication.head.languages,
        facts=plan.facts,
        draft=draft,
    )


def _fill(plan: _Plan, setting: Setting, workers: int, progress: Progress) -> Result:
    """Put the cards and pages of whatever changed into the new site."""
    tasks = [
        task for job in plan.stale for task in _card_tasks(job) if not _refused(plan, setting.folder, task)
    ]
    pages = [_page_task(job, plan.state, plan.publication) for job in plan.stale]
    total, done, written = len(tasks) + len(pages), 0, 0
    kept: list[str] = []
    remarks: list[str] = []
    with _pool(workers, len(tasks), setting) as pool:
        for what, work, todo in (("cards", build_card, tasks), ("pages", build_pages, pages)):
            problems: list[str] = []
            for outcome in run(work, todo, setting, pool):  # type: ignore[arg-type]
                done += 1
                written += outcome.written
                kept += outcome.kept
                remarks += outcome.remarks
                problems += outcome.problems
                progress(done, total, what)
            if problems:
                raise CannotPublish(tuple(sorted(problems)))
    return Result(
        len(plan.wanted), plan.cards, len(plan.stale), written, tuple(sorted(kept)), remarks=tuple(remarks)
    )


def _refused(plan: _Plan, folder: Path, task: CardTask) -> bool:
    """Say whether a card is published already and a notice covers it: then it is not made again."""
    here = notices.standing(plan.state, plan.current, task.protocol, task.version)
    made = (folder / task.folder / slug(task.target)).is_dir()
    return made and notices.of_card(here.notices, slug(task.target)) is not None


@contextmanager
def _pool(workers: int, tasks: int, setting: Setting) -> Iterator[ProcessPoolExecutor | None]:
    if workers == 0 or tasks < 2:
        yield None
        return
    with ProcessPoolExecutor(workers, initializer=start_worker, initargs=(setting,)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _card_tasks(job: Job) -> Iterator[CardTask]:
    for target, donor in job.targets:
        yield CardTask(job.path, job.inputs, target, donor, job.version, job.folder, job.protocol)


def _page_task(job: Job, new: State, publication: Publication) -> PageTask:
    slugs = tuple(slug(target) for target, _ in job.targets)
    about = (job.protocol, job.version)
    records = tuple(one for one in publication.validations if (one.protocol, one.version) == about)
    days = new.protocols[job.protocol].days
    statuses = {one: notices.statuses(new, {job.protocol: job.version}, job.protocol, one) for one in days}
    return PageTask(job.protocol, job.version, days, slugs, records, statuses)


def _finish(publication: Publication, plan: _Plan, setting: Setting, options: Options) -> int:
    """Write what leads to everything, the memory, the sums and the signature; count what differs."""
    fresh, current, problems = setting.folder, plan.current, list[str]()

    def check(name: str, content: bytes) -> None:
        problems.extend(leaks(setting, name, content))

    written = notices.mark(fresh, plan.state, current, setting.languages, plan.facts, check)
    validations = publication.validations
    made = catalogue.entry_files(
        fresh, list(current.items()), plan.state, setting.languages, plan.facts, validations
    )
    if logo := publication.head.logo:
        made[plan.facts["logo"]] = (publication.path.parent / logo).read_bytes()
    known = notices.status(fresh, plan.state, current)
    made[notices.NAME] = json_bytes(known)
    made |= notices.lists(fresh, plan.state, current, setting.languages, plan.facts)
    made[state.NAME] = plan.state.to_bytes()
    page = app.for_site(options.app, publication, check) if options.app else {}
    for name, content in made.items():
        check(name, content)
    if problems:
        raise CannotPublish(tuple(problems))
    written += sum(put(fresh, name, content) for name, content in {**made, **page}.items())
    for left in {path for path in (fresh / app.FOLDER).rglob("*") if path.is_file()}:
        if left.relative_to(fresh).as_posix() not in page:
            left.unlink()
    listed = sums.to_bytes(sums.digests(fresh) if setting.draft else _sums(fresh, notices.removed(known)))
    written += put(fresh, sums.NAME, listed)
    if options.key:
        return written + signed.sign_all(fresh, options.key, listed, plan.state, notices.refused(known))
    for path in (fresh / (sums.NAME + SUFFIX), *fresh.glob(f"protocols/*/*/*/*/*{SUFFIX}")):
        path.unlink(missing_ok=True)
    return written


def _sums(fresh: Path, removed: Collection[str]) -> dict[str, str]:
    """Digest the new site; an export that was changed by hand since it was published stops everything."""
    found = sums.digests(fresh)
    if inside := [name for name in found if name.endswith(f"/{state.NAME}")]:
        raise CannotPublish(tuple(f"{name} is of another site, which lies in this one" for name in inside))
    path = fresh / sums.NAME
    before = sums.read(path) if path.exists() else {}
    changed = [
        name
        for name, value in before.items()
        if name.endswith(".zip")
        and not name.startswith(f"{app.FOLDER}/")
        and name not in removed
        and found.get(name) != value
    ]
    if changed:
        raise CannotPublish(tuple(f"{name} is not what was published; restore it" for name in changed))
    return found
