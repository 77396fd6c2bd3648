"""The names, figures and moments of an alert in the words of a language: what sentences and facts are made of."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from consumers.alerting import figures
from consumers.alerting.phrases import Kind, Phrases
from consumers.alerting.quoting import line, quoted
from schemas.accounts import Account
from schemas.alert_rules import Language
from schemas.alerts import AlertBasis, AlertChanged

#: Accounts of a story that are named; the others are counted.
NAMED = 8
#: Below it what was expected is hardly anything, and a ratio to it means nothing.
LEAST_EXPECTED = 1.0
NAME_LENGTH, DETAIL_LENGTH = 60, 120
#: A name that says what somebody is: "Embassy of Cuba in China".
_DESCRIPTIVE = re.compile(r"[A-Z][a-z]+ .*\b(?:of|in|to)\b")
#: Countries that English gives an article.
_PLURAL = re.compile(r"United |European Union|Netherlands|Philippines|.* Republic")


#: Kinds of which the value came in a time: gains of a bucket of a series.
GAINS = frozenset(("account_wave", "country_wave", "general_wave", "followers_jump"))
_ABOVE = re.compile(r"([0-9]+) of ([0-9]+) accounts above their range")
HOUR = 3_600.0


def metric_of(alert: AlertChanged) -> str:
    """What the value of an alert is, in the words of the phrases; empty where it is not said.

    A post's interactions are weighted, a series' are not; a silence is a time, in seconds.
    """
    if alert.kind == "post_rise" and alert.metric == "interactions":
        return "weighted"
    if alert.kind == "account_silent" and alert.metric is None:
        return "silent_s"
    return alert.metric or ""


class Voice:
    """Says what an alert holds; what the event leaves open is empty."""

    def __init__(
        self, alert: AlertChanged, phrases: Phrases, accounts: Mapping[str, Account], previous: AlertChanged | None
    ) -> None:
        self.alert = alert
        self.phrases = phrases
        self.accounts = accounts
        self.language = phrases.language
        #: Where an episode ends without an observation, the event names none.
        self.metric_shown = metric_of(alert) or (metric_of(previous) if previous else "")
        self.name_shown = self.who()

    @property
    def kind(self) -> Kind:
        """The words of the alert's kind."""
        if self.alert.kind == "account_overdue" and self.alert.subject == "all" and self.alert.detail:
            return self.phrases.all_overdue
        return self.phrases.kinds.get(self.alert.kind, self.phrases.unknown)

    def sentences(self) -> tuple[str, str]:
        """Headline and opening."""
        kind = self.kind
        return kind.bare if kind.bare and self.alert.value is None else (kind.headline, kind.opening)

    def filled(self, template: str) -> str:
        """A template with the alert's names and figures in it."""
        alert, phrases = self.alert, self.phrases
        detail = self.detail()
        value = self.figure(alert.value, alert.at_least) if alert.value is not None else ""
        number = self.number(alert.value, alert.at_least) if alert.value is not None else ""
        is_time = self.metric_shown.endswith("_s") and number
        text = template.format(
            who=(self.phrases.article if _DESCRIPTIVE.match(self.name_shown) else "") + self.name_shown,
            kind=line(alert.kind, 40).replace("_", " "),
            metric=self.metric(),
            value=number,
            what=value,
            detail=detail,
            span=self.span(),
            age=phrases.age.format(figures.duration(alert.age_s, self.language)) if alert.age_s is not None else "",
            reason=self.bracket(detail),
            for_so_long=self.bracket(number if is_time else ""),
        )
        # A figure that is not known takes with it what would have led to it.
        return re.sub(r"\s*[:：，]\s*(?=[.。]?$)", "", text)

    def span(self) -> str:
        """The time in which the value came, where it is a gain."""
        value, per_hour = self.alert.value, self.alert.per_hour
        if self.alert.kind not in GAINS or not value or not per_hour or value / per_hour < 1 / HOUR:
            return ""
        return self.phrases.span.format(figures.duration(value / per_hour * HOUR, self.language))

    def above(self) -> str:
        """How many accounts share in a wave over several."""
        found = _ABOVE.match(self.alert.detail or "") if self.alert.kind in GAINS else None
        return self.phrases.above.format(some=found[1], whole=found[2]) if found else ""

    def bracket(self, text: str) -> str:
        """A text in brackets, where there is one."""
        return self.phrases.bracket.format(text) if text else ""

    def detail(self) -> str:
        """What a fact says besides: our own words in those of the language, anybody else's quoted."""
        detail, phrases = self.alert.detail, self.phrases
        if not detail:
            return ""
        if detail in phrases.details:
            return phrases.details[detail]
        fields = re.split(r"\s*,\s*", detail)
        if self.alert.kind == "post_edited" and all(field in phrases.fields for field in fields):
            return phrases.comma.join(phrases.fields[field] for field in fields)
        if re.fullmatch(r"[0-9]+ of [0-9]+", detail):
            some, _, whole = detail.partition(" of ")
            return phrases.some_of.format(some=some, whole=whole)
        return quoted(detail, DETAIL_LENGTH)

    def who(self) -> str:
        """Whom it is about."""
        alert, phrases = self.alert, self.phrases
        if alert.account_id is not None:
            return self.name(alert.account_id)
        if alert.country is not None:
            return phrases.accounts_of.format(self.country(alert.country))
        if alert.lane is not None:
            return phrases.crawl if alert.lane == "all" else phrases.lane.format(quoted(alert.lane, NAME_LENGTH))
        return phrases.everybody

    def name(self, account_id: str) -> str:
        """An account's name; its id where it is in no list of ours."""
        account = self.accounts.get(account_id)
        if account is None:
            return quoted(account_id, NAME_LENGTH)
        return quoted(account.name_zh if self.language == "zh" else account.name_en, NAME_LENGTH)

    def country(self, code: str) -> str:
        """A country's name; its code where none of our accounts is its."""
        phrases = self.phrases
        for account in self.accounts.values():
            name = account.country_zh if self.language == "zh" else account.country_en
            if account.country_code == code and name:
                return (phrases.article if _PLURAL.match(name) else "") + quoted(name, NAME_LENGTH)
        return quoted(code, NAME_LENGTH)

    def names(self, ids: tuple[str, ...]) -> str:
        """Accounts by name, the first of them."""
        names = [self.name(one) for one in ids[:NAMED]]
        if len(ids) > NAMED:
            names.append(self.phrases.more.format(n=figures.count(len(ids) - NAMED, self.language)))
        return self.phrases.comma.join(names)

    def metric(self, value: float | None = None) -> str:
        """The word for the metric: after a figure, or alone."""
        metric = self.metric_shown
        one, several, alone = self.phrases.metrics.get(metric, (line(metric, 40).replace("_", " "),) * 3)
        if value is None:
            return alone
        return one if value == 1 else several

    def number(self, value: float, at_least: bool = False) -> str:
        """A value of the metric, without what it counts."""
        shown: Callable[[float, Language], str] = figures.count
        if self.metric_shown.endswith("_s"):
            shown = figures.duration
        elif self.metric_shown == "coverage":
            shown = figures.percent
        text = shown(value, self.language)
        return self.phrases.at_least.format(text) if at_least else text

    def figure(self, value: float, at_least: bool = False) -> str:
        """A value with the word for its metric, where that is something one counts."""
        number = self.number(value, at_least)
        if self.metric_shown.endswith("_s") or self.metric_shown in ("coverage", ""):
            return number
        return self.phrases.counted.format(value=number, metric=self.metric(value))

    def ratio(self) -> float | None:
        """How many times what was expected was observed; None where that says nothing."""
        value, expected = self.alert.value, self.alert.expected
        if value is None or expected is None or expected < LEAST_EXPECTED or value < 0:
            return None
        if self.alert.kind == "account_silent":
            return None
        return value / expected or None

    def rests(self, basis: AlertBasis) -> str:
        """What an expectation rests on."""
        template = self.phrases.basis.get(basis.kind, self.phrases.basis[""])
        period = ""
        if basis.since is not None and basis.until is not None:
            since, until = figures.day(basis.since, self.language), figures.day(basis.until, self.language)
            period = self.phrases.period.format(since=since, until=until)
        return template.format(n=figures.count(basis.members, self.language)) + period

    def warming(self, template: str, basis: AlertBasis) -> str:
        """How many of the posts, or periods, that are wanted were followed."""
        posts, periods = self.phrases.members
        return template.format(
            n=figures.count(basis.members, self.language),
            wanted=figures.count(basis.wanted, self.language),
            members=periods if basis.kind == "series" else posts,
        )

    def peak_words(self) -> str:
        """The height of the episode."""
        alert = self.alert
        figure = "" if alert.peak_value is None else f"{self.figure(alert.peak_value)}, "
        return f"{figure}{self.phrases.labels['score']} {self.score(alert.peak_score)}"

    def severity(self, severity: str) -> str:
        """The word for a severity."""
        return self.phrases.severities.get(severity, line(severity, 40))

    def score(self, score: float) -> str:
        """A score."""
        return figures.count(score, self.language)

    def moment(self, at: datetime) -> str:
        """A moment in Beijing's time and in UTC."""
        return figures.moment(at, self.language)

    def lasted(self) -> str:
        """How long the episode lasted, or has lasted so far."""
        ended = self.alert.ended_at or self.alert.observed_at
        return figures.duration((ended - self.alert.started_at).total_seconds(), self.language)
