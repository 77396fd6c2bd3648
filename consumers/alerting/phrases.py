"""What the wording of a language consists of: templates in which figures, names and quotations are put."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.alert_rules import Language


@dataclass(frozen=True, slots=True)
class Kind:
    """The words of a kind of alert: `headline` and `over` follow a name in titles, `opening` and `ended` are sentences.

    In them stand {who}, {value}, {metric}, {what} (the value and what it counts), {age}, {span} (the time in which a
    value came), {detail}, {reason} (the detail in brackets), {for_so_long} (a value that is a time, in brackets) and
    {kind} (its name, where we have no words).
    """

    label: str
    headline: str
    opening: str
    over: str
    ended: str
    #: Headline and opening where the value is not known.
    bare: tuple[str, str] | None = None
    #: Whether it has a height, and so a peak.
    has_peak: bool = False


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of a language."""

    language: Language
    #: Between sentences, clauses, and the items of a list.
    gap: str
    semicolon: str
    clause: str
    comma: str
    quote: str
    bracket: str
    #: Before a name in a sentence that says what somebody is, such as "Embassy of X".
    article: str
    kinds: Mapping[str, Kind]
    #: A kind that this software does not know.
    unknown: Kind
    #: Of a watcher's alert that is about all accounts.
    all_overdue: Kind
    #: Metric to its word after a figure (of one, of several), and alone.
    metrics: Mapping[str, tuple[str, str, str]]
    details: Mapping[str, str]
    fields: Mapping[str, str]
    severities: Mapping[str, str]
    #: The same as what something is: a warning.
    graver: Mapping[str, str]
    changes: Mapping[str, str]
    basis: Mapping[str, str]
    labels: Mapping[str, str]
    everybody: str
    crawl: str
    accounts_of: str
    lane: str
    at_least: str
    counted: str
    age: str
    title: str
    title_times: str
    title_ended: str
    title_changed: Mapping[str, str]
    expected: str
    expected_lost: str
    expected_silence: str
    #: How interactions of a post are weighted.
    weighted: str
    usual: str
    ratio: str
    ratio_below: str
    per_hour: str
    rate: str
    span: str
    above: str
    per_hour_short: str
    words: str
    #: Topics of the posts behind it, and terms of their comments.
    topics: str
    terms: str
    rests: str
    warming: str
    warming_short: str
    #: What is followed: posts, or periods of a series.
    members: tuple[str, str]
    period: str
    some_of: str
    observed: str
    observed_after: str
    coverage: str
    incomplete: str
    severity: str
    provisional: str
    since: str
    from_to: str
    was: str
    lasted: str
    peak: str
    peak_score: str
    not_heard_of: str
    no_new_height: str
    story: str
    more: str
    yes: str
