"""`scrapy crawl comments -a posts=ACCOUNT/MID,…` or `-a accounts=…`: comments and replies without rendering a page."""

from collections.abc import Iterator
from typing import ClassVar

from crawler.answers import Answer
from crawler.classify import Verdict
from crawler.endpoints import Endpoint, page_url, timeline_url
from crawler.parsing.timeline import parse_timeline
from crawler.receipts import Visit, Wanted
from crawler.spiders.threads import ThreadReading
from crawler.spiders.visiting import ArgumentsError, Output, accounts_of, number_of
from schemas.counts import value_of
from schemas.registry import Account

FIRST_PAGE = Wanted("timeline", "the newest posts")


class CommentsSpider(ThreadReading):
    """Reads the comments of posts.

    - `posts`: ACCOUNT/MID, separated by commas; or
    - `accounts`: as the spider `embassy`; the posts are the newest `comment_posts` of each;
    - `comment_pages`: pages of comments per post, and once more of replies;
    - `cycle`: as the spider `embassy`.
    """

    name = "comments"
    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"posts", "comment_posts", "comment_pages"})

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
        """Ask for the comments of the posts that were named, or for the newest posts."""
        if posts := self.posts.get(account.id):
            visit.stop("page_limit")
            for post_id in posts:
                yield from self.comments(visit, post_id)
            return
        url = timeline_url(uid)
        yield self.ask(visit, url, Endpoint.TIMELINE, page_url(uid), self._read_timeline, FIRST_PAGE)

    def _read_timeline(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        page = parse_timeline(verdict.data, self.context(visit, answer))
        visit.stop("page_limit")
        if page.events:
            yield visit.page("timeline page 1", page.events)
        for post in [post for post in page.posts if not post.pinned][: self.comment_posts]:
            reported = value_of(post.comments)
            visit.comments_reported = (visit.comments_reported or 0) + (reported or 0)
            if reported != 0:
                yield from self.comments(visit, post.post_id)
