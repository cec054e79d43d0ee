"""`examcard publish`, `examcard verify` and `examcard serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import FINDINGS, complain, console, existing
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.publish.publication import Publication
    from generator.publish.signing import SecretKey
    from generator.publish.site import Result

PublicationArgument = Annotated[
    Path, typer.Argument(metavar="PUBLICATION", help="A publication.yaml, or a folder that holds one.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(publish)
    app.command()(verify)
    app.command()(serve)
    app.command(name="app")(page)


def publish(
    publication: PublicationArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="SITE", help="Folder of the site.")],
    pdf: Annotated[
        bool | None,
        typer.Option("--pdf/--no-pdf", help="Make the sheets as PDF too, whatever the file says."),
    ] = None,
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="KEY", help="Secret key of minisign to sign with.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes; 0 builds in this one.")] = 2,
    page: Annotated[
        Path | None,
        typer.Option("--app", metavar="DIR", help="Page that `examcard app` built; app/, where it is there."),
    ] = None,
) -> None:
    """Build or update the download site of a network: cards, pages, sheets, sums, feed."""
    from generator.publish.jobs import CannotPublish
    from generator.publish.serve import remember
    from generator.publish.site import Options
    from generator.publish.site import publish as build_site

    wanted = _with_pdf(_load(publication), pdf)
    options = Options(key=_secret_key(sign), workers=workers, app=_page(page))
    try:
        with _Bar() as bar:
            result = build_site(wanted, output, options, bar.advance)
    except CannotPublish as error:
        complain(str(error))
        raise typer.Exit(FINDINGS) from error
    remember(output, wanted.path)
    _print(result, output)


def _page(given: Path | None) -> Path | None:
    """Return the page to take along; say why there is none, or none of this program."""
    from generator.publish import app

    folder = app.built(existing(given)) if given else app.built()
    if folder is None:
        complain("left out: the page that runs the program in a browser; build it with `examcard app`")
    elif not app.is_current(folder):
        complain(f"left out: the page in {folder} is of another program; build it with `examcard app`")
        return None
    return folder


def _load(path: Path) -> Publication:
    from generator.publish.publication import load, locate

    return load(locate(existing(path)))


def _with_pdf(publication: Publication, pdf: bool | None) -> Publication:
    from dataclasses import replace

    if pdf is None:
        return publication
    return replace(publication, head=publication.head.model_copy(update={"pdf": pdf}))


def _secret_key(path: Path | None) -> SecretKey | None:
    from generator.publish import signing

    if path is None:
        return None
    password = None
    if signing.needs_password(existing(path)):
        password = typer.prompt(f"Password of {path.name}", hide_input=True)
    return signing.secret_key(path, password)


class _Bar:
    """A bar on a terminal, nothing elsewhere."""

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        screen = Console(stderr=True)
        self.progress = Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)
        self.task = self.progress.add_task("planning", total=None)
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def advance(self, done: int, total: int, what: str) -> None:
        self.progress.update(self.task, completed=done, total=total, description=what)


def _print(result: Result, site: Path) -> None:
    out = console()
    if not result.written:
        out.print(f"{site}: {result.protocols} protocols, {result.cards} cards, up to date", markup=False)
        return
    out.print(
        f"{site}: {result.protocols} protocols, {result.cards} cards; "
        f"{result.rebuilt} protocols rebuilt, {result.written} files written",
        markup=False,
    )
    for remark in result.remarks:
        complain(remark)
    if result.unsigned:
        complain("the site was signed before and is not now; give --sign to sign it again")
    if result.kept:
        complain(
            f"{len(result.kept)} published sheets and schemas would differ today; they stay as they are:"
        )
        for name in result.kept[:10]:
            complain(f"  {name}")


def verify(
    path: Annotated[Path, typer.Argument(metavar="SITE_OR_FILE", help="Folder of a site, or a file of it.")],
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="PUB", help="Public key of minisign: a file, or the key itself."),
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--sums", metavar="FILE", help="SHA256SUMS for a single file.")
    ] = None,
    at_least: Annotated[
        int, typer.Option("--at-least", metavar="NUMBER", help="Refuse a publication older than this one.")
    ] = 0,
    remember: Annotated[
        Path | None,
        typer.Option(
            "--remember",
            metavar="FILE",
            help="File of the highest number seen of each key; refuse older ones.",
        ),
    ] = None,
) -> None:
    """Check a download or a whole site against its signed sums, offline; exit 1 if something differs."""
    from generator.publish.seen import Seen
    from generator.publish.signing import public_key
    from generator.publish.verify import verify as check

    if remember and not key:
        raise UsageError("--remember needs --key: without a signature a number says nothing")
    seen = Seen(remember) if remember else None
    verdict = check(path, public_key(key) if key else None, listed, at_least, seen)
    for text in (*verdict.faults, *verdict.remarks):
        complain(text)
    if verdict.faults:
        raise typer.Exit(FINDINGS)
    signed = "signature good" if key else "sums good; no key was given, so nobody vouches for them"
    which = f"; publication {verdict.number} of {verdict.date}" if verdict.number else ""
    console().print(f"{verdict.checked} files as published, {signed}{which}", markup=False)


def serve(
    site: Annotated[Path, typer.Argument(metavar="SITE", help="Folder of a site.")],
    publication: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="PUBLICATION", help="Rebuild a preview of this publication on every change."
        ),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")] = 8000,
) -> None:
    """Show a site on localhost; with its publication known, as a preview that follows the specs."""
    import signal
    import sys
    import tempfile
    import threading
    from contextlib import suppress

    from generator.publish.publication import locate
    from generator.publish.serve import Preview, recall, serving

    source = locate(existing(publication)) if publication else recall(site)
    if source is None:
        existing(site)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # leaves nothing behind
    with suppress(KeyboardInterrupt), tempfile.TemporaryDirectory(prefix="examcard-preview-") as folder:
        shown, stop = site, threading.Event()
        if source is not None:
            shown = Path(folder, "site")
            preview = Preview(source, shown, _tell)
            preview.update()
        with serving(shown, port) as running:
            console().print(f"http://127.0.0.1:{running.server_port}/  (Ctrl-C ends)", markup=False)
            while source is None and not stop.wait(1):
                pass
            preview.follow(stop)


def page(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the page.")] = Path(
        "app"
    ),
) -> None:
    """Build the page that runs this program in a browser, from npm and pip; `publish` takes it along."""
    from generator.publish.app import build

    size = build(output)
    console().print(
        f"{output}: {size / 2**20:.1f} MB; look at it with: examcard serve {output}", markup=False
    )


def _tell(outcome: Result | str) -> None:
    if isinstance(outcome, str):
        complain(outcome)
    else:
        console().print(f"preview: {outcome.written} files written", markup=False)
