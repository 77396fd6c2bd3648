"""`weiplomacy crawl`: run the crawl, probe one live page, and see what the crawler makes of a saved answer."""

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from crawler import run as crawler_run
from crawler.canary import NAME as CANARY
from crawler.run import DeliveredReceipt, Order
from crawler.spiders.arguments import accounts_of
from deploy.cli.crawl_continuous import go_on
from deploy.cli.crawl_coverage import coverage
from deploy.cli.crawl_parse import parse
from deploy.cli.crawl_plan import show_plan
from deploy.stack.browser import with_browser
from schemas.accounts import Account
from schemas.errors import WeiplomacyError, first_reason
from schemas.registry import load as load_registry
from schemas.settings import Settings, load

app = typer.Typer(
    no_args_is_help=True,
    help="Visit accounts, see what is planned and what is missing, look at one live page, try the parser.",
)
app.command("plan")(show_plan)
app.command("coverage")(coverage)
app.command("parse")(parse)

FIXTURES = Path("fixtures")


class IncompleteError(WeiplomacyError):
    """The crawl ended, and something that was planned is missing."""


class FixturesError(WeiplomacyError):
    """The answers of a probe can't be kept."""


@app.command("run")
def run(
    accounts: Annotated[str, typer.Option(help="Ids, uids or screen names, separated by commas, or all.")] = "all",
    *,
    pages: Annotated[int | None, typer.Option(min=1, help="Timeline pages per account, the rendered one included.")] = (
        None
    ),
    most_pages: Annotated[
        int | None, typer.Option(min=1, help="Timeline pages per account at most, where posts are missing.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Back-fill to a day in Beijing, 2016-12-01, or beginning; may be repeated.")
    ] = None,
    comment_posts: Annotated[int | None, typer.Option(min=0, help="Newest posts whose comments are read.")] = None,
    comment_pages: Annotated[int | None, typer.Option(min=0, help="Comment pages per post.")] = None,
    cycle: Annotated[str | None, typer.Option(help="Name of the cycle in the receipts; default: the moment.")] = None,
    continuous: Annotated[
        bool, typer.Option("--continuous", help="Day and night: by the visit plan, sharing accounts, until stopped.")
    ] = False,
    no_kafka: Annotated[bool, typer.Option("--no-kafka", help="Write the events to a file instead of Kafka.")] = False,
    output: Annotated[Path, typer.Option(help="That file.")] = Path("events.jsonl"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipts as one JSON document.")] = False,
) -> None:
    """Visit accounts once and publish what is seen. Ends with code 1 where a receipt is not complete.

    With --continuous it goes through one visit plan after the other until SIGTERM or Ctrl-C. Start as many workers as
    you have addresses: they share the accounts, and those of one that dies go on elsewhere.
    """
    numbers = {"pages": pages, "most_pages": most_pages, "comment_posts": comment_posts, "comment_pages": comment_pages}
    arguments = {name: str(value) for name, value in numbers.items() if value is not None}
    arguments |= {name: text for name, text in {"cycle": cycle, "since": since}.items() if text}
    settings = load()
    chosen(settings, accounts)
    if continuous:
        if no_kafka or since:
            raise typer.BadParameter("goes with neither --no-kafka nor --since", param_hint="--continuous")
        go_on(with_browser(settings), {"accounts": accounts, **arguments}, as_json)
        return
    order = Order("embassy", {"accounts": accounts, **arguments}, feed=output if no_kafka else None)
    receipts = follow(settings, order)
    if as_json:
        typer.echo(json.dumps([receipt.model_dump(mode="json") for receipt in receipts], ensure_ascii=False))
    else:
        Console().print(table(receipts))
    incomplete = [receipt for receipt in receipts if not (receipt.complete and receipt.delivered)]
    if incomplete:
        raise IncompleteError(
            f"{len(incomplete)} of {len(receipts)} visits are not complete; the first, {incomplete[0].account_id}: "
            + (incomplete[0].problems[0] if incomplete[0].problems else incomplete[0].stop_reason)
        )


@app.command("probe")
def probe(
    account: Annotated[str, typer.Argument(help="Id, uid or screen name.")],
    fixtures: Annotated[Path, typer.Option(help="Where the scrubbed answers are kept.")] = FIXTURES,
) -> None:
    """Render the page of one account, print its class and three posts, and keep its answers, scrubbed of people."""
    settings = load()
    if len(chosen(settings, account)) != 1:
        raise typer.BadParameter("one account at a time", param_hint="account")
    _require_folder(fixtures)
    settings = with_browser(settings)
    began = time.time_ns()
    with tempfile.TemporaryDirectory(prefix="weiplomacy-") as folder:
        feed = Path(folder) / "events.jsonl"
        order = Order(
            "embassy",
            {"accounts": account, "pages": "1", "comment_posts": "0"},
            {"FIXTURES_FOLDER": str(fixtures.absolute())},
            feed,
        )
        receipts = crawler_run.run(settings, order).receipts
        events = [json.loads(line) for line in feed.read_text(encoding="utf-8").splitlines()]
    receipt = next(one for one in receipts if one.spider != CANARY)
    typer.echo(f"classes: {', '.join(f'{name} × {count}' for name, count in receipt.responses.items())}")
    for problem in [problem for one in receipts for problem in one.problems]:
        typer.echo(f"problem: {problem}")
    for post in [event for event in events if event["type"].startswith("weiplomacy.post.seen")][:3]:
        typer.echo(f"{post['created_at']}  {post['post_id']}  {post['text'][:70]!r}")
    kept = sum(file.stat().st_mtime_ns >= began for file in fixtures.glob("*.json"))
    typer.echo(f"{kept} answers kept in {fixtures}")
    if not receipt.complete:
        raise IncompleteError(f"the page of {receipt.account_id} was not read as a whole: {receipt.stop_reason}")


@app.command("login")
def login(
    lane: Annotated[str | None, typer.Option(help="The lane; default: the only one.")] = None,
) -> None:
    """Sign in to Weibo by hand, in a visible browser, whose profile the lane then uses. It asks for no password."""
    # Playwright and Scrapy are slow to import, and only this needs them.
    from crawler.lanes.login import sign_in  # noqa: PLC0415

    folder = sign_in(with_browser(load()), lane, typer.echo)
    typer.echo(f"signed in: the lane uses {folder} from now on; delete the folder, and it is a guest again")


def _require_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FixturesError(f"the folder {folder} can't be made ({first_reason(error)}): see --fixtures") from error


def chosen(settings: Settings, accounts: str) -> tuple[Account, ...]:
    """The accounts that are meant, so that a wrong one is told at once. Raises WeiplomacyError."""
    return accounts_of(load_registry(settings), accounts)


def follow(settings: Settings, order: Order) -> tuple[DeliveredReceipt, ...]:
    """Run a spider with a progress bar on stderr, and return the receipts. Raises WeiplomacyError."""
    settings = with_browser(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("crawling", total=None)

        def step(state: crawler_run.Progress) -> None:
            done = len(state.receipts)
            text = f"{state.events} events acknowledged, accounts"
            bar.update(task, total=state.accounts, completed=done, description=text)

        return crawler_run.run(settings, order, step).receipts


def table(receipts: tuple[DeliveredReceipt, ...]) -> Table:
    """What the visits did, one line each."""
    shown = Table("account", "ended", "posts", "comments", "requests", "events", "classes")
    for receipt in receipts:
        colour = "green" if receipt.complete and receipt.delivered else "red"
        reported = receipt.comments_reported
        shown.add_row(
            receipt.account_id + (" (canary)" if receipt.spider == CANARY else ""),
            f"[{colour}]{receipt.stop_reason}[/]",
            str(receipt.posts_captured),
            f"{receipt.comments_captured}" + (f" of {reported}" if reported is not None else ""),
            f"{receipt.fetched} of {receipt.planned}",
            f"{sum(receipt.acknowledged.values())} of {sum(receipt.published.values())}",
            ", ".join(f"{name} {count}" for name, count in receipt.responses.items()),
        )
    return shown
