"""Recorded answers with something changed at random: whatever is changed, the failure has a name."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.classify import classify
from crawler.endpoints import (
    Endpoint,
    comments_show_url,
    extend_url,
    hotflow_url,
    profile_url,
    status_url,
    timeline_url,
)
from crawler.parsing.context import Context, no_institutions
from crawler.parsing.errors import ParsingError
from crawler.people import Pseudonymiser
from crawler.saved_answers import SavedAnswer, events_of
from schemas.clock import machine_time

RECORDED = {
    Endpoint.PROFILE: ("m_getIndex_profile_2019", profile_url("1669879400"), "1669879400"),
    Endpoint.TIMELINE: ("m_getIndex_timeline_107603_2019", timeline_url("1669879400"), "1669879400"),
    Endpoint.EXTEND: ("m_statuses_extend_2019", extend_url("4383404751066167"), "5349576923"),
    Endpoint.STATUS: ("m_statuses_show_2019", status_url("4383411844046171"), "5973737418"),
    Endpoint.HOTFLOW: ("m_comments_hotflow_2019", hotflow_url("4383183661430868"), "1669879400"),
    Endpoint.COMMENTS_SHOW: ("m_comments_show_2019", comments_show_url("4383183661430868"), "1669879400"),
}
ODD = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 1e308, 10**30, "", "0", "<b>", "a" * 3000, "\ud83d", "100万+", "\x00"])
    | st.sampled_from(["0," + "000," * 30 + "000万", "Sat Jan 14 18:39:37 +0800 0001", "9" * 20, "https://[", "//"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "0", "url"]), inner, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    """The paths of everything in a document."""
    yield path
    for name, member in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(member, (*path, name))


def changed(document, path, odd):
    document = copy.deepcopy(document)
    if not path:
        return odd
    holder = document
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = odd
    return document


@pytest.mark.parametrize("endpoint", RECORDED)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_a_changed_answer_fails_by_name_or_not_at_all(shared: Path, endpoint, data):
    name, url, uid = RECORDED[endpoint]
    document = json.loads((shared / "weibo" / f"{name}.json").read_bytes())
    paths = sorted(places(document), key=len)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(paths))
        try:
            document = changed(document, path, data.draw(ODD))
        except (KeyError, IndexError, TypeError):
            continue  # the first change took the place of the second one away
    seen = machine_time()
    answer = Answer(url, 200, {}, json.dumps(document).encode(), seen)
    verdict = classify(answer, endpoint)
    context = Context(f"uid:{uid}", uid, None, seen, Pseudonymiser(b"k" * 32), no_institutions)
    try:
        events, _ = events_of(SavedAnswer(answer, endpoint), verdict, context)
    except ParsingError:
        return
    for event in events:
        assert type(event).model_validate_json(event.model_dump_json()) == event
