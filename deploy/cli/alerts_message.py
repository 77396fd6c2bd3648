"""An alert in the terminal: its message, its changes, and a post's curve beside what was expected of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumers.alerting import figures
from consumers.alerting.curve import Expectation, Sample, age_label, short
from consumers.alerting.wording import LANGUAGES, Wording, worded
from deploy.cli.sql import harmless
from schemas.accounts import Account
from schemas.alert_rules import Language
from schemas.alerts import AlertChanged

STYLES = {"notice": "yellow", "warning": "dark_orange", "critical": "bold red"}
ROWS, MOST_COLUMNS, LEAST_COLUMNS = 12, 72, 20
#: What stands at a place of the curve, and its style.
OBSERVED, EXPECTED, USUAL = ("●", "red"), ("╌", "blue"), ("░", "blue")


def message_of(told: Sequence[AlertChanged], language: Language, accounts: Mapping[str, Account]) -> Wording:
    """The message of an episode's newest change."""
    return worded(told[-1], language, accounts, told[-2] if len(told) > 1 else None)


def print_alert(
    console: Console,
    told: Sequence[AlertChanged],
    message: Wording,
    language: Language,
    curve: tuple[Sequence[Sample], Sequence[Expectation]],
) -> None:
    """Print all that is known of an episode."""
    console.print(Text(harmless(message.title), STYLES.get(told[-1].severity, "bold")))
    console.print()
    for paragraph in message.text.split("\n\n"):
        console.print(Text(harmless(paragraph)))
        console.print()
    if curve[0]:
        for line in drawn(*curve, columns=max(LEAST_COLUMNS, min(MOST_COLUMNS, console.width - 10))):
            console.print(line)
        console.print()
    facts = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in (*message.facts, *message.links):
        facts.add_row(Text(harmless(label)), Text(harmless(value)))
    console.print(facts)
    if len(told) > 1:
        console.print()
        console.print(history(told, language))


def history(told: Sequence[AlertChanged], language: Language) -> Table:
    """An episode's changes, first to last."""
    phrases = LANGUAGES[language]
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for justify in ("right", "left", "left", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for one in told:
        table.add_row(
            str(one.number),
            Text(phrases.changes.get(one.change, harmless(one.change))),
            Text(phrases.severities.get(one.severity, harmless(one.severity)), STYLES.get(one.severity, "")),
            Text("" if one.value is None else figures.count(one.value, language)),
            Text(f"{phrases.labels['score']} {figures.count(one.score, language)}", "dim"),
            Text(figures.moment(one.observed_at, language)),
        )
    return table


def drawn(samples: Sequence[Sample], band: Sequence[Expectation], columns: int, rows: int = ROWS) -> list[Text]:
    """The curve as lines of text: what was observed, and what was usual where it is known."""
    oldest = max(1.0, *(one[0] for one in samples))
    shown = [one for one in band if one[0] <= oldest]
    highest = max(1.0, *(one[1] for one in samples), *(one[3] for one in shown))
    cells: list[list[tuple[str, str]]] = [[(" ", "")] * columns for _ in range(rows)]

    def place(age: float, value: float) -> tuple[int, int]:
        column = round(max(0.0, age) / oldest * (columns - 1))
        return rows - 1 - round(max(0.0, value) / highest * (rows - 1)), column

    for age, low, middle, high in shown:
        bottom, column = place(age, low)
        top, _ = place(age, high)
        for row in range(top, bottom + 1):
            cells[row][column] = USUAL
        cells[place(age, middle)[0]][column] = EXPECTED
    for sample in samples:
        row, column = place(*sample)
        cells[row][column] = OBSERVED
    labels = {0: short(float(f"{highest:.3g}")), rows - 1: "0"}
    lines = []
    for number, line in enumerate(cells):
        text = Text(f"{labels.get(number, ''):>8} ┤")
        for character, style in line:
            text.append(character, style)
        lines.append(text)
    end = age_label(round(oldest / 60) * 60 if oldest < 3_600 else round(oldest / 360) * 360)
    lines.append(Text(f"{'':>8} └{'─' * columns}"))
    lines.append(Text(f"{'':>10}0{end:>{columns - 1}}"))
    return lines


def document(
    told: Sequence[AlertChanged], message: Wording, curve: tuple[Sequence[Sample], Sequence[Expectation]]
) -> dict[str, Any]:
    """The same as a JSON object."""
    return {
        "episode_id": told[-1].episode_id,
        "message": {
            "title": message.title,
            "text": message.text,
            "facts": [{"label": label, "value": value} for label, value in message.facts],
            "links": [{"label": label, "url": url} for label, url in message.links],
        },
        "changes": [one.model_dump(mode="json") for one in told],
        "curve": {
            "samples": [{"age_s": age, "value": value} for age, value in curve[0]],
            "expected": [
                {"age_s": age, "low": low, "expected": middle, "high": high} for age, low, middle, high in curve[1]
            ],
        },
    }
