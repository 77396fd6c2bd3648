"""What a message says of a change of an episode, in English or Chinese: title, text, facts and links.

All of it comes from the event, and names from the registry. Words of strangers (the post's, notices, topics, terms) are
quoted so that they change nothing around them; figures and moments are as people of the language write them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consumers.alerting import figures
from consumers.alerting.pages import post_page
from consumers.alerting.phrases import Phrases
from consumers.alerting.phrases_en import ENGLISH
from consumers.alerting.phrases_zh import CHINESE
from consumers.alerting.quoting import line, quoted
from consumers.alerting.voice import DETAIL_LENGTH, GAINS, NAMED, Voice, metric_of
from schemas.accounts import Account
from schemas.alert_rules import Language
from schemas.alerts import AlertChanged

LANGUAGES: Mapping[Language, Phrases] = {"en": ENGLISH, "zh": CHINESE}
#: Times that are themselves what was observed.
WAITING = ("waited_s", "silent_s")
WORDS_LENGTH, TOPIC_LENGTH, TERM_LENGTH = 80, 40, 20
_PAGE = re.compile(r"https?://(?:[a-z0-9-]+\.)*weibo\.(?:com|cn)/[A-Za-z0-9/._?=&%-]*")
#: What stands between quotes in a line of a shell, and of SQL, as it is.
_SAFE = re.compile(r"[A-Za-z0-9:._-]{1,200}")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """A message in words: one line; paragraphs with an empty line between two; label and value; label and URL."""

    title: str
    text: str
    facts: Pairs
    links: Pairs


def worded(
    alert: AlertChanged,
    language: Language,
    accounts: Mapping[str, Account] | None = None,
    previous: AlertChanged | None = None,
) -> Wording:
    """The message of a change. `accounts` by id, for their names; `previous`: what was told of the episode before."""
    telling = _Telling(alert, LANGUAGES[language], accounts or {}, previous)
    paragraphs = (telling.phrases.gap.join(sentences) for sentences in telling.paragraphs())
    return Wording(
        telling.title(), "\n\n".join(one for one in paragraphs if one), tuple(telling.facts()), tuple(telling.links())
    )


class _Telling:
    """One change in one language. A method returns sentences, or pairs; what is not known is left out."""

    def __init__(
        self, alert: AlertChanged, phrases: Phrases, accounts: Mapping[str, Account], previous: AlertChanged | None
    ) -> None:
        self.alert = alert
        self.phrases = phrases
        self.previous = previous
        self.language = phrases.language
        self.say = Voice(alert, phrases, accounts, previous)

    def title(self) -> str:
        alert, phrases = self.alert, self.phrases
        if alert.change == "ended":
            over = self.say.filled(self.say.kind.over)
            return phrases.title_ended.format(who=_capital(self.say.name_shown), over=over, lasted=self.say.lasted())
        ratio = self.say.ratio()
        headline = self.say.filled(self.say.sentences()[0])
        headline += phrases.title_times.format(figures.count(ratio, self.language)) if ratio and ratio > 1 else ""
        graver = phrases.graver.get(alert.severity, line(alert.severity, 40))
        changed = phrases.title_changed.get(alert.change, "").format(severity=graver)
        return phrases.title.format(who=_capital(self.say.name_shown), headline=headline + changed)

    def paragraphs(self) -> Iterator[list[str]]:
        if self.alert.change == "ended":
            yield [*self._end(), *self._since()]
            yield list(self._quotations())
        else:
            yield [_capital(self.say.filled(self.say.sentences()[1])), *self._comparison()]
            yield list(self._quotations())
            yield list(self._since())
            yield list(self._basis())
        yield list(self._observation())
        if self.alert.change != "ended":
            yield [self._why()]

    def facts(self) -> Iterator[tuple[str, str]]:
        alert, labels = self.alert, self.phrases.labels
        yield labels["account"], self.say.name_shown
        change = self.phrases.changes.get(alert.change, line(alert.change, 40))
        yield labels["kind"], self.say.kind.label + self.say.bracket(change)
        yield from self._figures()
        yield from self._circumstances()
        yield labels["severity"], self.say.severity(alert.severity)
        yield labels["score"], self.say.score(alert.score)
        yield labels["started"], self.say.moment(alert.started_at)
        if alert.ended_at is not None:
            yield labels["ended"], self.say.moment(alert.ended_at)
            if self.say.kind.has_peak:
                yield labels["peak"], self.say.peak_words()
        if alert.accounts:
            yield labels["accounts"], self.say.names(alert.accounts)
        if alert.muted_by is not None:
            yield labels["spoken"], _id(alert.muted_by)
        yield labels["episode"], _id(alert.episode_id)
        yield from self._queries()

    def _figures(self) -> Iterator[tuple[str, str]]:
        alert, labels = self.alert, self.phrases.labels
        if alert.value is not None:
            yield labels["observed"], self.say.figure(alert.value, alert.at_least)
        if alert.expected is not None:
            yield labels["expected"], self.say.number(alert.expected)
        if alert.expected_low is not None and alert.expected_high is not None:
            yield labels["usual"], f"{self.say.number(alert.expected_low)} – {self.say.number(alert.expected_high)}"
        if ratio := self.say.ratio():
            yield labels["ratio"], f"× {figures.count(ratio, self.language)}"
        if alert.per_hour is not None:
            yield labels["speed"], self.phrases.per_hour_short.format(self.say.number(alert.per_hour))

    def _circumstances(self) -> Iterator[tuple[str, str]]:
        alert, labels = self.alert, self.phrases.labels
        if alert.age_s is not None:
            yield labels["age"], figures.duration(alert.age_s, self.language)
        if alert.basis is not None:
            words = self.say.rests(alert.basis)
            if alert.basis.members < alert.basis.wanted:
                words += self.phrases.semicolon + self.say.warming(self.phrases.warming_short, alert.basis)
            yield labels["basis"], words
        yield labels["at"], self.say.moment(alert.observed_at)
        if alert.gap_s is not None and self.say.metric_shown not in WAITING:
            yield labels["gap"], figures.duration(alert.gap_s, self.language)
        if alert.coverage is not None:
            yield labels["coverage"], figures.percent(alert.coverage, self.language)
        if alert.incomplete:
            yield labels["incomplete"], self.phrases.yes

    def _queries(self) -> Iterator[tuple[str, str]]:
        alert, labels = self.alert, self.phrases.labels
        if alert.post_id is not None:
            yield labels["curve"], f"weiplomacy ask post-curve --post {alert.post_id}"
        if _SAFE.fullmatch(alert.episode_id):
            # For people to copy; what stands in it is safe within both kinds of quotes.
            query = f"SELECT * FROM weibo.alerts WHERE episode_id = '{alert.episode_id}' ORDER BY number"  # noqa: S608
            yield labels["sql"], f'weiplomacy sql "{query}"'

    def links(self) -> Iterator[tuple[str, str]]:
        alert = self.alert
        if alert.url is not None and _PAGE.fullmatch(alert.url):
            yield self.phrases.labels["post" if alert.post_id else "page"], alert.url
        for post_id in alert.behind:
            yield self.phrases.labels["behind"], post_page(post_id)

    def _comparison(self) -> Iterator[str]:
        alert, phrases = self.alert, self.phrases
        if alert.expected is not None:
            usual = ""
            if alert.expected_low is not None and alert.expected_high is not None:
                low, high = self.say.number(alert.expected_low), self.say.number(alert.expected_high)
                usual = phrases.usual.format(low=low, high=high)
            own = {"counts_lost": phrases.expected_lost, "account_silent": phrases.expected_silence}
            template = own.get(alert.kind, phrases.expected)
            yield template.format(expected=self.say.number(alert.expected), usual=usual)
            ratio = self.say.ratio()
            if ratio and ratio > 1:
                yield phrases.ratio.format(figures.count(ratio, self.language))
            elif ratio:
                yield phrases.ratio_below.format(figures.percent(ratio, self.language))
        if alert.per_hour is not None and alert.per_hour > 0:
            template = phrases.rate if alert.kind in GAINS else phrases.per_hour
            yield template.format(self.say.figure(alert.per_hour))
        if self.say.metric_shown == "weighted":
            yield phrases.weighted

    def _quotations(self) -> Iterator[str]:
        alert, phrases = self.alert, self.phrases
        if alert.words and (words := quoted(alert.words, WORDS_LENGTH)):
            yield phrases.words.format(phrases.quote.format(words))
        for template, strangers, most in (
            (phrases.topics, alert.topics, TOPIC_LENGTH),
            (phrases.terms, alert.terms, TERM_LENGTH),
        ):
            shown = [phrases.quote.format(one) for word in strangers[:NAMED] if (one := quoted(word, most))]
            if shown:
                yield template.format(phrases.comma.join(shown))
        if above := self.say.above():
            yield above
        if alert.accounts:
            yield phrases.story.format(
                n=figures.count(len(alert.accounts), self.language), names=self.say.names(alert.accounts)
            )

    def _since(self) -> Iterator[str]:
        alert, before, phrases = self.alert, self.previous, self.phrases
        if before is None:
            if alert.before is not None and alert.before != alert.severity:
                yield phrases.was.format(self.say.severity(alert.before))
            return
        changes = []
        if (
            self.say.metric_shown == metric_of(before)
            and alert.value is not None
            and before.value not in (None, alert.value)
        ):
            was, now = self.say.number(before.value or 0, before.at_least), self.say.number(alert.value, alert.at_least)
            changes.append((self.say.metric(), was, now))
        if before.severity != alert.severity:
            label = phrases.labels["severity"]
            changes.append((label, self.say.severity(before.severity), self.say.severity(alert.severity)))
        if round(before.score, 1) != round(alert.score, 1):
            changes.append((phrases.labels["score"], self.say.score(before.score), self.say.score(alert.score)))
        if changes:
            said = [
                phrases.from_to.format(label=_small(label, self.language), before=old, now=new)
                for label, old, new in changes
            ]
            ago = max(0.0, (alert.observed_at - before.observed_at).total_seconds())
            yield phrases.since.format(
                ago=figures.duration(ago, self.language),
                what=phrases.clause.join(said),
            )

    def _basis(self) -> Iterator[str]:
        basis = self.alert.basis
        if basis is None:
            return
        yield self.phrases.rests.format(self.say.rests(basis))
        if basis.members < basis.wanted:
            yield self.say.warming(self.phrases.warming, basis)

    def _observation(self) -> Iterator[str]:
        alert, phrases = self.alert, self.phrases
        at = self.say.moment(alert.observed_at)
        if alert.gap_s is None or self.say.metric_shown in WAITING:
            yield phrases.observed.format(at=at)
        else:
            yield phrases.observed_after.format(at=at, gap=figures.duration(alert.gap_s, self.language))
        if alert.coverage is not None:
            yield phrases.coverage.format(figures.percent(alert.coverage, self.language))
        if alert.incomplete:
            yield phrases.incomplete

    def _why(self) -> str:
        alert, phrases = self.alert, self.phrases
        is_provisional = alert.basis is not None and alert.basis.members < alert.basis.wanted
        template = phrases.provisional if is_provisional and alert.severity == "notice" else phrases.severity
        return template.format(severity=self.say.severity(alert.severity), score=self.say.score(alert.score))

    def _end(self) -> Iterator[str]:
        alert, phrases = self.alert, self.phrases
        if alert.detail == "not_heard_of":
            yield phrases.not_heard_of
        else:
            yield self.say.filled(self.say.kind.ended)
            if alert.detail == "no_new_height":
                yield phrases.no_new_height
        yield phrases.lasted.format(
            lasted=self.say.lasted(),
            started=self.say.moment(alert.started_at),
            ended=self.say.moment(alert.ended_at or alert.observed_at),
        )
        if not self.say.kind.has_peak:
            return
        at, score = self.say.moment(alert.peak_at), self.say.score(alert.peak_score)
        if alert.peak_value is None:
            yield phrases.peak_score.format(at=at, score=score)
        else:
            yield phrases.peak.format(what=self.say.figure(alert.peak_value), at=at, score=score)


def _id(text: str) -> str:
    """An episode's id, as it is where it is one of ours."""
    return text if _SAFE.fullmatch(text) else quoted(text, DETAIL_LENGTH)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str, language: Language) -> str:
    return text[:1].lower() + text[1:] if language == "en" else text
