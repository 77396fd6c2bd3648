"""Every recorded answer, with its exact class and events. The expected files are read by people, not regenerated."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.answers import Answer
from crawler.classify import classify
from crawler.endpoints import Endpoint
from crawler.parsing.context import Context, no_institutions
from crawler.people import Pseudonymiser
from crawler.saved_answers import SavedAnswer, events_of

EXPECTED = Path(__file__).parent / "expected"
M, W = "https://m.weibo.cn", "https://weibo.com"
INDEX = f"{M}/api/container/getIndex"


@dataclass(frozen=True)
class Recording:
    """A recorded answer. `member` takes one body of a file of many; `inner` puts an inner part into its envelope."""

    name: str
    file: str
    url: str
    endpoint: Endpoint
    seen: datetime
    uid: str | None = None
    post: str | None = None
    member: str | None = None
    inner: bool = False
    status: int = 200


JUNE_2019 = datetime(2019, 6, 16, 15, 0, tzinfo=UTC)
SEPT_2026 = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
AJAX = "ajax_scrubbed_bodies_2026.json"
BLOCKS = "m_block_bodies.json"
STAR = "1669879400"
TIMELINE = f"{INDEX}?type=uid&value={STAR}&containerid=107603{STAR}"

RECORDINGS = (
    Recording(
        "profile_2019",
        "m_getIndex_profile_2019.json",
        f"{INDEX}?type=uid&value={STAR}",
        Endpoint.PROFILE,
        JUNE_2019,
        STAR,
    ),
    Recording("timeline_2019", "m_getIndex_timeline_107603_2019.json", TIMELINE, Endpoint.TIMELINE, JUNE_2019, STAR),
    Recording(
        "timeline_2022",
        "m_getIndex_timeline_107603_2022_one_card.json",
        f"{INDEX}?type=uid&value=1223178222&containerid=1076031223178222",
        Endpoint.TIMELINE,
        datetime(2022, 9, 3, 6, 9, 47, tzinfo=UTC),
        "1223178222",
        inner=True,
    ),
    Recording(
        "extend_2019",
        "m_statuses_extend_2019.json",
        f"{M}/statuses/extend?id=4383404751066167",
        Endpoint.EXTEND,
        JUNE_2019,
        "5349576923",
    ),
    Recording(
        "show_2019",
        "m_statuses_show_2019.json",
        f"{M}/statuses/show?id=4383411844046171",
        Endpoint.STATUS,
        JUNE_2019,
        "5973737418",
    ),
    Recording(
        "deleted_2019",
        "m_deleted_retweeted_status_2019.json",
        f"{M}/statuses/show?id=4405996207851235",
        Endpoint.STATUS,
        datetime(2019, 8, 20, tzinfo=UTC),
        inner=True,
    ),
    Recording(
        "hidden_2019",
        "m_hidden_halfyear_retweeted_status_2019.json",
        f"{M}/statuses/show?id=20110061812539159",
        Endpoint.STATUS,
        datetime(2019, 8, 20, tzinfo=UTC),
        inner=True,
    ),
    Recording(
        "hotflow_2019",
        "m_comments_hotflow_2019.json",
        f"{M}/comments/hotflow?id=4383183661430868&mid=4383183661430868&max_id_type=0",
        Endpoint.HOTFLOW,
        JUNE_2019,
        STAR,
    ),
    Recording(
        "comments_show_2019",
        "m_comments_show_2019.json",
        f"{M}/api/comments/show?id=4383183661430868&page=1",
        Endpoint.COMMENTS_SHOW,
        datetime(2019, 6, 16, 14, 20, tzinfo=UTC),
        STAR,
    ),
    Recording(
        "search_empty_2026",
        "m_getIndex_search_empty_redacted_2026.json",
        f"{INDEX}?containerid=100103type%3D401",
        Endpoint.SEARCH,
        SEPT_2026,
    ),
    Recording(
        "search_drift_2026",
        "m_getIndex_search_schema_drift_redacted_2026.json",
        f"{INDEX}?containerid=100103type%3D401",
        Endpoint.SEARCH,
        SEPT_2026,
    ),
    Recording(
        "search_success_2026",
        "m_getIndex_search_success_redacted_2026.json",
        f"{INDEX}?containerid=100103type%3D401",
        Endpoint.SEARCH,
        SEPT_2026,
    ),
    Recording(
        "ajax_post_2021",
        "ajax_mymblog_item_2021.json",
        f"{W}/ajax/statuses/show?id=K3fnuEfZK",
        Endpoint.AJAX_STATUS,
        datetime(2021, 2, 23, 13, 0, tzinfo=UTC),
        "1645372340",
        inner=True,
    ),
    Recording(
        "ajax_waterfall_2026",
        AJAX,
        f"{W}/ajax/profile/getWaterFallContent?uid=900000006",
        Endpoint.AJAX_TIMELINE,
        SEPT_2026,
        "900000006",
        member="getWaterFallContent",
    ),
    Recording(
        "ajax_waterfall_end_2026",
        AJAX,
        f"{W}/ajax/profile/getWaterFallContent?uid=900000006&cursor=1",
        Endpoint.AJAX_TIMELINE,
        SEPT_2026,
        "900000006",
        member="getWaterFallContent_end",
    ),
    Recording(
        "ajax_profile_2026",
        AJAX,
        f"{W}/ajax/profile/info?uid=2803301701",
        Endpoint.AJAX_PROFILE,
        SEPT_2026,
        "2803301701",
        member="profile_info",
    ),
    Recording(
        "ajax_comments_2026",
        AJAX,
        f"{W}/ajax/statuses/buildComments?id=5345357930170000",
        Endpoint.AJAX_COMMENTS,
        SEPT_2026,
        "900000001",
        member="buildComments",
    ),
    Recording(
        "ajax_show_2026",
        AJAX,
        f"{W}/ajax/statuses/show?id=5345356649863407",
        Endpoint.AJAX_STATUS,
        SEPT_2026,
        "900000001",
        member="statuses_show",
    ),
    Recording(
        "ajax_longtext_2026",
        AJAX,
        f"{W}/ajax/statuses/longtext?id=5345356649863407",
        Endpoint.AJAX_LONGTEXT,
        SEPT_2026,
        "900000001",
        member="longtext",
    ),
    Recording(
        "ajax_longtext_empty_2026",
        AJAX,
        f"{W}/ajax/statuses/longtext?id=5345356649863407",
        Endpoint.AJAX_LONGTEXT,
        SEPT_2026,
        "900000001",
        member="longtext_empty",
    ),
    Recording(
        "ajax_needs_visitor_2026",
        AJAX,
        f"{W}/ajax/profile/info?uid=1",
        Endpoint.AJAX_PROFILE,
        SEPT_2026,
        member="needs_visitor",
    ),
    Recording(
        "ajax_login_wall_2026",
        AJAX,
        f"{W}/ajax/statuses/mymblog?uid=1",
        Endpoint.AJAX_TIMELINE,
        SEPT_2026,
        member="login_wall_http403",
        status=403,
    ),
    Recording(
        "ajax_deleted_2026",
        AJAX,
        f"{W}/ajax/statuses/show?id=5345356649863407",
        Endpoint.AJAX_STATUS,
        SEPT_2026,
        member="deleted",
    ),
    Recording(
        "ajax_forbidden_2026",
        AJAX,
        f"{W}/ajax/profile/info?uid=1",
        Endpoint.AJAX_PROFILE,
        SEPT_2026,
        member="bad_request_http403",
        status=403,
    ),
    Recording(
        "block_no_visitor",
        BLOCKS,
        TIMELINE,
        Endpoint.TIMELINE,
        SEPT_2026,
        member="not_logged_in_or_no_visitor_m",
    ),
    Recording("block_older", BLOCKS, TIMELINE, Endpoint.TIMELINE, SEPT_2026, member="not_logged_in_m_older"),
    Recording("block_empty", BLOCKS, TIMELINE, Endpoint.TIMELINE, SEPT_2026, member="empty"),
    Recording(
        "block_reposts_none",
        BLOCKS,
        f"{M}/api/statuses/repostTimeline?id=1",
        Endpoint.REPOSTS,
        SEPT_2026,
        member="reposts_none",
    ),
    Recording(
        "block_likes_none",
        BLOCKS,
        f"{M}/api/statuses/repostTimeline?id=1",
        Endpoint.REPOSTS,
        SEPT_2026,
        member="likes_none",
    ),
    Recording(
        "block_comments_none",
        BLOCKS,
        f"{M}/comments/hotflow?id=1",
        Endpoint.HOTFLOW,
        SEPT_2026,
        member="comments_none",
    ),
    Recording("block_relogin", BLOCKS, TIMELINE, Endpoint.TIMELINE, SEPT_2026, member="relogin"),
)


def answer_of(recording: Recording, shared: Path) -> Answer:
    body = (shared / "weibo" / recording.file).read_bytes()
    if recording.member is not None:
        body = json.dumps(json.loads(body)[recording.member], ensure_ascii=False).encode()
    elif recording.inner:
        body = b'{"ok": 1, "data": ' + body + b"}"
    return Answer(recording.url, recording.status, {}, body, recording.seen)


def context_of(recording: Recording) -> Context:
    return Context(
        account_id=f"uid:{recording.uid}" if recording.uid else "unknown",
        uid=recording.uid,
        screen_name=None,
        observed_at=recording.seen,
        people=Pseudonymiser(b"key of the recordings"),
        institutions=no_institutions,
    )


def result_of(recording: Recording, shared: Path) -> dict[str, Any]:
    """Class, reason and events of a recording, as its expected file has them; what an event leaves out is default."""
    answer = answer_of(recording, shared)
    verdict = classify(answer, recording.endpoint)
    result: dict[str, Any] = {"class": verdict.response_class.value, "signal": verdict.signal, "reason": verdict.reason}
    try:
        events, problems = events_of(
            SavedAnswer(answer, recording.endpoint), verdict, context_of(recording), recording.post
        )
    except Exception as error:
        return result | {"error": f"{type(error).__name__}: {error}"}
    shown = [
        {"event_id": event.event_id} | json.loads(event.model_dump_json(exclude_defaults=True)) for event in events
    ]
    return result | {"problems": list(problems), "events": shown}


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_the_recording_gives_exactly_the_expected_events(recording: Recording, shared: Path) -> None:
    expected = json.loads((EXPECTED / f"{recording.name}.json").read_text(encoding="utf-8"))
    assert result_of(recording, shared) == expected


def test_each_expected_file_belongs_to_a_recording() -> None:
    assert {file.stem for file in EXPECTED.glob("*.json")} == {recording.name for recording in RECORDINGS}


def test_every_recording_is_read(shared: Path) -> None:
    read = {recording.file for recording in RECORDINGS}
    assert read == {file.name for file in (shared / "weibo").glob("*.json")}


@pytest.mark.parametrize("file", [AJAX, BLOCKS])
def test_every_body_of_a_file_of_many_is_read(file: str, shared: Path) -> None:
    members = {recording.member for recording in RECORDINGS if recording.file == file}
    not_ours = {"hottimeline"}  # no endpoint of an account
    assert members == set(json.loads((shared / "weibo" / file).read_bytes())) - not_ours
