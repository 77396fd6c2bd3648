"""`scrapy crawl comments -a posts=ACCOUNT/MID,…` or `-a accounts=…`: comments and replies without rendering a page."""

from collections.abc import Iterator
from typing import ClassVar

from crawler.answers import Answer
from crawler.classify import Verdict
from crawler.endpoints import Endpoint, page_url, status_url, timeline_url
from crawler.parsing.status import parse_status
from crawler.parsing.timeline import parse_timeline
from crawler.receipts import Visit, Wanted
from crawler.spiders.arguments import ArgumentsError, accounts_of, number_of
from crawler.spiders.threads import ThreadReading
from crawler.spiders.visiting import Output
from schemas.counts import value_of
from schemas.events import EngagementSample
from schemas.registry import Account

FIRST_PAGE = Wanted("timeline", "the newest posts")


class CommentsSpider(ThreadReading):
    """Reads what stands under posts: comments, replies, reposts.

    - `posts`: ACCOUNT/MID, separated by commas; or
    - `accounts`: as the spider `embassy`; the posts are the newest `comment_posts` of each;
    - `comment_orders`, `comment_pages`, `reply_pages`, `repost_pages`: how much of each, see crawler.spiders.threads;
    - `cycle`: as the spider `embassy`.
    """

    name = "comments"
    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"posts", "comment_posts"})

    def understand(self, arguments: dict[str, str]) -> None:
        """`posts` or `accounts`, and the bounds."""
        posts = [post.strip() for post in arguments.get("posts", "").split(",") if post.strip()]
        if bool(posts) == bool(arguments.get("accounts")):
            raise ArgumentsError("which comments? Give either posts=ACCOUNT/MID,… or accounts=…")
        self.posts: dict[str, list[str]] = {}
        for post in posts:
            name, _, mid = post.rpartition("/")
            if not (name and mid.isascii() and mid.isdigit() and len(mid) <= 19):
                raise ArgumentsError(f"posts: {post!r} is not ACCOUNT/MID")
            account = accounts_of(self.registry, name)[0]
            self.posts.setdefault(account.id, []).append(mid)
        super().understand(arguments | {"accounts": arguments.get("accounts") or ",".join(self.posts)})
        self.comment_posts = number_of(arguments, "comment_posts", self.settings_in_force.crawl.comment_posts, 1)

    def begin(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """Ask for the posts that were named, or for the newest ones."""
        if posts := self.posts.get(account.id):
            visit.stop("page_limit")
            for post_id in dict.fromkeys(posts):
                wanted = Wanted("post", f"{post_id}, and what stands under it")
                yield self.ask(visit, status_url(post_id), Endpoint.STATUS, page_url(uid), self._read_post, wanted)
            return
        url = timeline_url(uid)
        yield self.ask(visit, url, Endpoint.TIMELINE, page_url(uid), self._read_timeline, FIRST_PAGE)

    def _read_post(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        """The post itself says whose it is, and how much there is to read under it."""
        events = parse_status(verdict.data, self.context(visit, answer))
        sample = next(event for event in events if isinstance(event, EngagementSample))
        yield visit.page(f"post {sample.post_id}", events, lane=answer.lane)
        yield from self.comments(visit, sample.post_id, value_of(sample.comments), value_of(sample.reposts))

    def _read_timeline(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        visit.stop("page_limit")
        if verdict.data is None:
            return
        page = parse_timeline(verdict.data, self.context(visit, answer))
        self.count_problems(visit, page, 1)
        if page.events:
            yield visit.page("timeline page 1", page.events, lane=answer.lane)
        for post in [post for post in page.posts if not post.pinned][: self.comment_posts]:
            yield from self.under(visit, post)
