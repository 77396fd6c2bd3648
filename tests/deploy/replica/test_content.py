"""The content of the replica: the same for the same seed, right in December 2016, consistent with itself."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest

from deploy.replica.accounts import ANCHOR, DAY, WEEK, Account
from deploy.replica.catalogue import Catalogue
from deploy.replica.content import GonePost
from deploy.replica.errors import AccountListError
from deploy.replica.growth import growth_of
from deploy.replica.identifiers import to_bid, to_mid
from deploy.replica.world import World

ROOT = Path(__file__).resolve().parents[3]
LIST = ROOT / "schemas" / "reference_2016" / "embassies.csv"
END_OF_2016 = ANCHOR - 1
MOMENT = ANCHOR + 5 * DAY


@pytest.fixture(scope="module")
def world() -> World:
    return World(LIST, 7)


def of(world: World, code: str) -> Account:
    return next(account for account in world.accounts if account.code == code)


def test_short_ids_are_weibos_own() -> None:
    for bid, mid in (("Rf0yM8Cvh", 5335770762054635), ("z0JH2lOMb", 3501756485200075), ("HyTZc60ew", 4383183661430868)):
        assert (to_bid(mid), to_mid(bid)) == (bid, mid)
    for wrong in ("", "!", "Rf0yM8Cvh" * 2, "1ZZZZ"):
        with pytest.raises(ValueError, match="short form"):
            to_mid(wrong)


def test_december_2016(world: World) -> None:
    listed = {"IL": (1913384, 3590), "CA": (1131700, 6979), "MC": (450, 75)}
    for code, (followers, posts) in listed.items():
        account = of(world, code)
        assert followers <= account.followers_at(END_OF_2016) < followers + 10
        assert account.published(END_OF_2016) == posts
    assert of(world, "IL").followers_at(END_OF_2016) == 1913384
    assert {account.code for account in world.accounts if not account.verified} == {"IR", "EG", "EE", "ID"}
    for code, year in (("EE", 2012), ("ID", 2014)):
        account = of(world, code)
        last = account.published_at(account.published(MOMENT) - 1)
        assert datetime.fromtimestamp(last, UTC).year == year
    weeks = [ANCHOR - week * WEEK for week in range(100)]
    canada = of(world, "CA")
    assert all(20 <= canada.published(week) - canada.published(week - WEEK) <= 30 for week in weeks)
    assert ANCHOR - of(world, "MC").published_at(0) < 60 * DAY


def test_the_same_in_another_process(world: World) -> None:
    account = world.accounts[4]
    post = world.post(account, account.posts + 3)
    program = (
        "import sys; from pathlib import Path; from deploy.replica.world import World\n"
        f"w = World(Path(sys.argv[1]), 7); a = w.accounts[4]; p = w.post(a, {account.posts + 3})\n"
        f"print(p.mid, p.segments, w.comments(p).counts({MOMENT}), a.followers_at({MOMENT}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(LIST)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    expected = f"{post.mid} {post.segments} {world.comments(post).counts(MOMENT)} {account.followers_at(MOMENT)}"
    assert run.stdout.strip() == expected


def test_posts_are_found_by_id_and_in_order(world: World) -> None:
    for account in world.accounts:
        posts = list(islice(world.timeline(account, account.published(MOMENT)), 25))
        assert [post.mid for post in posts] == sorted({post.mid for post in posts}, reverse=True)
        for post in posts:
            assert len(str(post.mid)) == 16
            assert world.find_post(post.mid, MOMENT) == post
            assert world.find_post(post.mid, post.published - 1) is None
            assert account.published(post.published) == post.ordinal + 1
    assert world.find_post(posts[0].mid + 1, MOMENT) is None


def test_a_post_that_passes_on_where_there_was_nothing_but_reposts_so_far_is_a_repost_of_a_deleted_one() -> None:
    # What it would pass on is the first post of its account, which is a repost itself.
    found = Catalogue(2016, LIST).post(3595941093331475, datetime(2017, 1, 2, tzinfo=UTC))
    assert found is not None
    assert isinstance(found.original, GonePost)
    assert found.original.kind == "deleted"


def test_lists_of_comments_agree_with_counts(world: World) -> None:
    most = 0
    for account in world.accounts[:20]:
        for post in islice(world.timeline(account, account.published(MOMENT)), 10):
            comments = world.comments(post)
            counts = comments.counts(MOMENT)
            by_time = list(comments.from_newest(MOMENT, 0))
            assert len(by_time) == counts.listed <= counts.counted <= counts.come
            assert list(comments.from_newest(MOMENT, 3)) == by_time[3:]
            roots = [*comments.hot(counts.come), *comments.roots_from_newest(MOMENT, counts.come)]
            replies = [reply for root in roots for reply in comments.replies(root, MOMENT)]
            assert sorted([*roots, *replies]) == sorted(by_time)
            assert len({comments.cid(place) for place in by_time}) == len(by_time)
            for place in by_time[:3]:
                assert world.find_comment(comments.cid(place), MOMENT) == (comments, place)
            most = max(most, len(by_time))
    assert most > 100


def test_counters_grow_and_some_fall(world: World) -> None:
    falls, rises = 0, 0
    for account in world.accounts[:12]:
        for post in islice(world.timeline(account, account.posts), 20):
            growth = world.growth(post)
            moments = [post.published + hour * 3600 for hour in range(100)]
            likes = [growth.likes_at(moment) for moment in moments]
            comments = [world.comments(post).counts(moment).counted for moment in moments]
            falls += any(later < earlier for row in (likes, comments) for earlier, later in pairwise(row))
            rises += likes[-1] > likes[0]
            assert likes[0] == comments[0] == 0
    assert falls > 5
    assert rises > 200


def test_a_moment_and_its_share_are_inverse() -> None:
    growth = growth_of(1, 2, 3, 1_480_000_000, 1_000_000)
    for thousandth in range(1, 1000, 37):
        assert growth.share(growth.moment(thousandth / 1000)) == pytest.approx(thousandth / 1000, abs=1e-6)


def test_some_counters_pass_a_million(world: World) -> None:
    finals = [
        growth_of(7, account.uid, ordinal, 1_480_000_000, account.followers).reposts
        for account in world.accounts[:4]
        for ordinal in range(3000)
    ]
    assert max(finals) > 1_000_000


def test_start_computes_no_post(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr("deploy.replica.world.write_post", lambda *_: written.append(1))
    assert sum(account.posts for account in World(LIST, 9).accounts) > 50_000
    assert not written


def test_a_list_that_is_none(tmp_path: Path) -> None:
    wrong = tmp_path / "list.csv"
    wrong.write_text("a,b\n1,2\n")
    with pytest.raises(AccountListError, match="not a list of 2016"):
        World(wrong)
    with pytest.raises(AccountListError, match="can't be read"):
        World(tmp_path / "absent.csv")
