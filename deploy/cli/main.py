"""The `weiplomacy` command."""

import errno
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from deploy.cli import alerts, ask, crawl, data, demo, doctor, proof, registry, sql, stack, test
from schemas.errors import WeiplomacyError

FIRST, STACK, CRAWLING, DATA, ALERTS, PROOF = "A first look", "The stack", "Crawling", "Data", "Alerts", "Proof"
MORE = {"ignore_unknown_options": True, "allow_extra_args": True}

#: What a disk that is full, over its quota or read-only answers.
REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

ORDER = (
    *("demo", "test", "up", "down", "status", "logs", "doctor"),
    *("crawl", "registry", "sql", "ask", "data", "alerts", "bench", "drill"),
)


class InOrder(TyperGroup):
    """Lists the commands in the order of a first acquaintance; typer would put those with sub-commands last."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=ORDER.index)


app = typer.Typer(
    cls=InOrder,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="A truthful, continuous, queryable record of foreign embassies on Weibo. 驻华使馆微博观测\n\n"
    "Start with [bold]demo[/]: it crawls a small generated Weibo and prints the ranking. For the live site: "
    "[bold]up[/], then [bold]crawl run[/], then [bold]ask[/] ranking, or [bold]sql[/] with a query of your own.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weiplomacy {version('weiplomacy')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


app.command("demo", rich_help_panel=FIRST)(demo.demo)
app.command("test", rich_help_panel=FIRST, context_settings=MORE)(test.test)
app.command("up", rich_help_panel=STACK)(stack.up)
app.command("down", rich_help_panel=STACK)(stack.down)
app.command("status", rich_help_panel=STACK)(stack.status)
app.command("logs", rich_help_panel=STACK)(stack.logs)
app.command("doctor", rich_help_panel=STACK)(doctor.doctor)
app.add_typer(crawl.app, name="crawl", rich_help_panel=CRAWLING)
app.add_typer(registry.app, name="registry", rich_help_panel=CRAWLING)
app.command("sql", rich_help_panel=DATA)(sql.sql)
app.command("ask", rich_help_panel=DATA, context_settings=MORE, add_help_option=False)(ask.ask)
app.add_typer(data.app, name="data", rich_help_panel=DATA)
app.add_typer(alerts.app, name="alerts", rich_help_panel=ALERTS)
app.command("bench", rich_help_panel=PROOF, context_settings=MORE)(proof.bench)
app.command("drill", rich_help_panel=PROOF, context_settings=MORE)(proof.drill)


def main() -> None:
    """Run the command; a named failure is one sentence on stderr and its exit code.

    So is what the system refuses at some place that has no name for it: a full or read-only disk may do so anywhere.
    """
    try:
        app(prog_name="weiplomacy")
    except WeiplomacyError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        where = error.filename or "a file of the state folder or of the temporary folder"
        _say(f"{error.strerror}: {where}; make room, or set WEIPLOMACY_HOME or TMPDIR to a folder elsewhere")
        sys.exit(1)


def _say(sentence: str) -> None:
    Console(stderr=True).print(Text(sentence, style="red"), soft_wrap=True)


if __name__ == "__main__":
    main()
