"""The truth of a moment as plain documents: exact whole numbers, ids as texts, moments in ISO 8601 UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.replica.content import Account, Comment, GonePost, Post, Repost
from deploy.replica.effects import Effects
from deploy.replica.html import as_plain
from deploy.replica.identifiers import to_bid
from deploy.replica.view import Contents


@dataclass(frozen=True, slots=True)
class Truth:
    """The world at a moment (aware, UTC)."""

    world: Contents
    at: datetime

    def accounts(self) -> dict[str, Any]:
        """All accounts with their figures."""
        rows = []
        for account in self.world.accounts:
            figures = self.world.figures(account, self.at)
            newest = self.world.posts(account, self.at, None, 1)
            rows.append(
                {
                    "uid": str(account.uid),
                    "screen_name": account.screen_name,
                    "country_code": account.country_code,
                    "verified": account.verified,
                    "followers": figures.followers,
                    "following": figures.following,
                    "posts": figures.posts,
                    "last_post_at": newest[0].created_at.isoformat() if newest else None,
                }
            )
        return {"at": self.at.isoformat(), "accounts": rows}

    def posts(self, account: Account, before: int | None, limit: int) -> dict[str, Any]:
        """Posts of an account, newest first, with the id of the pinned one."""
        pinned = self.world.pinned(account, self.at)
        found = self.world.posts(account, self.at, before, limit)
        return {
            "at": self.at.isoformat(),
            "uid": str(account.uid),
            "total": self.world.figures(account, self.at).posts,
            "pinned": str(pinned.mid) if pinned else None,
            "posts": [self.post(post) for post in found],
        }

    def post(self, post: Post) -> dict[str, Any]:
        """One post with its counters."""
        counters = self.world.counters(post, self.at)
        original = post.original
        return {
            "mid": str(post.mid),
            "bid": to_bid(post.mid),
            "uid": str(post.account.uid),
            "created_at": post.created_at.isoformat(),
            "text": as_plain(post.segments),
            "is_long": post.is_long,
            "pictures": len(post.pictures),
            "original": str(original.mid) if original else None,
            "original_gone": original.kind if isinstance(original, GonePost) else None,
            "edits": post.edits,
            "reposts": counters.reposts,
            "comments": counters.comments,
            "likes": counters.likes,
            "views": counters.views,
            "listed_comments": self.world.comment_total(post, self.at),
        }

    def comments(self, post: Post, offset: int, limit: int) -> dict[str, Any]:
        """Comments on a post in the order of time, newest first, each with all of its replies."""
        rows = []
        for comment in self.world.comments(post, self.at, "time", offset, limit):
            replies = self.world.replies(comment, self.at, 0, comment.replies) if comment.replies else []
            rows.append(_comment(comment) | {"children": [_comment(reply) for reply in replies]})
        total = self.world.comment_total(post, self.at)
        return {"at": self.at.isoformat(), "mid": str(post.mid), "total": total, "comments": rows}

    def reposts(self, post: Post, offset: int, limit: int) -> dict[str, Any]:
        """Who passed a post on, the newest first."""
        found = self.world.reposts(post, self.at, offset, limit)
        total = self.world.counters(post, self.at).reposts
        return {
            "at": self.at.isoformat(),
            "mid": str(post.mid),
            "total": total,
            "reposts": [_repost(one) for one in found],
        }

    def effects(self, effects: Effects | None) -> dict[str, Any]:
        """All labelled effects, those to come too; none where the replica shows none."""
        return {"at": self.at.isoformat(), **(effects.document() if effects else {"effects": []})}

    def people(self, post: Post, limit: int) -> list[dict[str, str]]:
        """The private people that appear under a post."""
        found = self.world.people(post, self.at, limit)
        return [{"uid": str(person.uid), "screen_name": person.screen_name} for person in found]


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": str(comment.comment_id),
        "root_id": str(comment.root_id) if comment.root_id else None,
        "created_at": comment.created_at.isoformat(),
        "author": str(comment.author.uid),
        "author_name": comment.author.screen_name,
        "is_account": isinstance(comment.author, Account),
        "text": as_plain(comment.segments),
        "likes": comment.likes,
        "replies": comment.replies,
        "has_picture": comment.has_picture,
    }


def _repost(repost: Repost) -> dict[str, Any]:
    return {
        "id": str(repost.repost_id),
        "created_at": repost.created_at.isoformat(),
        "author": str(repost.author.uid),
        "author_name": repost.author.screen_name,
    }
