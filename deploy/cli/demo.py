"""`weiplomacy demo`: the first look."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy import demo as the_demo
from deploy.demo import Demo, DemoIncompleteError
from deploy.ranking import legend, table
from deploy.stack import bring_up
from schemas.settings import load

NEXT = (
    ("weiplomacy sql \"SELECT * FROM weibo.ranking(at = '2016-12-31') LIMIT 10\"", "the ranking at any date"),
    ("weiplomacy ask influence", "one of the questions by name; `weiplomacy ask` lists them"),
    ("weiplomacy status --watch", "what the parts are doing; `weiplomacy down` stops them"),
    ("weiplomacy crawl run --accounts us-embassy,jp-embassy", "one more visit to two accounts of the replica"),
)


def demo(
    *,
    accounts: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many accounts of the registry.")
    ] = None,
    stop: Annotated[bool, typer.Option("--down", help="Stop the stack at the end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document: ranking, receipts, timings.")
    ] = False,
) -> None:
    """Bring everything up, crawl a generated Weibo over seven of its days, and print the ranking."""
    settings = load()
    progress = Console(stderr=True)
    try:
        with progress.status("starting") as line:
            done = the_demo.run(settings, accounts, line.update)
    finally:
        if stop:
            bring_up.down(settings)
    if as_json:
        typer.echo(json.dumps(done.as_json(), ensure_ascii=False))
    else:
        show(done, Console(), stop)
    if not done.complete:
        raise DemoIncompleteError(
            "not every visit was complete: the receipts above say what is missing, `weiplomacy logs crawl` why"
        )


def show(done: Demo, console: Console, stopped: bool) -> None:
    """Print the ranking, what was crawled, and what to try next."""
    console.print("replica: generated content", style="bold yellow")
    console.print(table(done.ranking, the_demo.DAYS, console.width))
    console.print(legend(the_demo.DAYS), style="dim")
    console.print()
    console.print(receipts(done))
    seconds = ", ".join(f"{name} {value:.0f} s" for name, value in done.timings.items())
    console.print(f"took: {seconds}", style="dim")
    console.print("\ntry next:" + ("  (first: weiplomacy up)" if stopped else ""), style="bold")
    for command, says in NEXT:
        console.print(f"  {command}", style="cyan", highlight=False, soft_wrap=True)
        console.print(f"      {says}", style="dim")


def receipts(done: Demo) -> Table:
    """What was crawled, as the receipts say: a line per pass and a sum."""
    picture = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", title="what was crawled", title_justify="left")
    for column in ("pass", "visits", "complete", "requests", "posts", "comments", "events", "answers by class"):
        picture.add_column(column, justify="left" if column in ("pass", "answers by class") else "right")
    for number in range(the_demo.PASSES):
        part = done.receipts[number * done.accounts : (number + 1) * done.accounts]
        classes: dict[str, int] = {}
        for receipt in part:
            for name, count in receipt.responses.items():
                classes[name] = classes.get(name, 0) + count
        whole = sum(receipt.complete and receipt.delivered for receipt in part)
        picture.add_row(
            str(number + 1),
            str(len(part)),
            f"[{'green' if whole == len(part) else 'red'}]{whole}[/]",
            f"{sum(receipt.fetched for receipt in part):,}",
            f"{sum(receipt.posts_captured for receipt in part):,}",
            f"{sum(receipt.comments_captured for receipt in part):,}",
            f"{sum(sum(receipt.acknowledged.values()) for receipt in part):,}",
            ", ".join(f"{name} {count:,}" for name, count in sorted(classes.items())),
        )
    return picture
