"""Reading the comments of posts, which the spiders `embassy` and `comments` both do."""

from collections.abc import Iterator
from functools import partial

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.endpoints import CommentCursor, Endpoint, child_url, hotflow_url
from crawler.parsing.comments import CommentPage, parse_children, parse_comments
from crawler.receipts import Visit, Wanted
from crawler.spiders.visiting import Output, VisitingSpider, number_of

DETAIL = "https://m.weibo.cn/detail/{}"


class ThreadReading(VisitingSpider):
    """Adds the comments: `comment_pages` bounds the pages of comments per post, and once more those of replies.

    Comments come in Weibo's own order, the hottest first. Replies that stand inline come with them; of threads that
    are cut short, the replies are asked for, in the order of the threads.
    """

    def understand(self, arguments: dict[str, str]) -> None:
        """Also `comment_pages`."""
        super().understand(arguments)
        crawl = self.settings_in_force.crawl
        self.comment_pages = number_of(arguments, "comment_pages", crawl.comment_pages, 0)

    def comments(
        self, visit: Visit, post_id: str, number: int = 1, cursor: CommentCursor | None = None
    ) -> Iterator[Output]:
        """Ask for page `number` of the comments on a post, if the bound allows it."""
        if number <= self.comment_pages:
            read = partial(self._read_comments, post_id=post_id, number=number)
            url = hotflow_url(post_id, cursor)
            wanted = Wanted("comments", f"hot comments of {post_id}, page {number}")
            yield self.ask(visit, url, Endpoint.HOTFLOW, DETAIL.format(post_id), read, wanted)

    def _read_comments(
        self, visit: Visit, answer: Answer, verdict: Verdict, post_id: str, number: int
    ) -> Iterator[Output]:
        if verdict.data is None:
            return
        page = parse_comments(verdict.data, self.context(visit, answer), post_id)
        yield from self._page(visit, page, f"comments page {number} on {post_id}")
        if page.cursor is not None:
            yield from self.comments(visit, post_id, number + 1, page.cursor)
        left = self.comment_pages if number == 1 else 0
        for root_id, _ in page.truncated_threads[:left]:
            yield self._replies(visit, post_id, root_id, None)

    def _replies(self, visit: Visit, post_id: str, root_id: str, cursor: CommentCursor | None) -> Output:
        read = partial(self._read_replies, post_id=post_id, root_id=root_id)
        url = child_url(root_id, cursor)
        wanted = Wanted("replies", f"thread {root_id} of {post_id}")
        return self.ask(visit, url, Endpoint.HOTFLOW_CHILD, DETAIL.format(post_id), read, wanted)

    def _read_replies(
        self, visit: Visit, answer: Answer, verdict: Verdict, post_id: str, root_id: str
    ) -> Iterator[Output]:
        if verdict.data is None:
            return
        page = parse_children(verdict.data, self.context(visit, answer), post_id, root_id)
        yield from self._page(visit, page, f"replies to {root_id} on {post_id}")

    def _page(self, visit: Visit, page: CommentPage, name: str) -> Iterator[Output]:
        for problem in page.problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"{name}: {problem}")
        if page.events:
            yield visit.page(name, page.events)
