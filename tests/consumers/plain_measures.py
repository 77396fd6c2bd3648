"""What the derived tables should hold, computed in plain Python from the events: slow, and written another way."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean
from typing import Any

from schemas.counts import Count, Counter
from schemas.events import AccountSnapshot, AnyEvent, EngagementSample, PostSeen

GRID = (300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 259200, 604800, 2592000)
THREE = ("reposts", "comments", "likes")
BEIJING = timedelta(hours=8)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bounds:
    """A count with what it may stand for."""

    value: int
    low: int
    high: int | None

    @staticmethod
    def of(counter: Counter | None) -> "Bounds | None":
        if counter is None:
            return None
        if isinstance(counter, Count):
            return Bounds(counter.value, counter.low, counter.high)
        return Bounds(counter, counter, counter)


ZERO = Bounds(0, 0, 0)


class Plain:
    """The events of one account, each once."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        once = {event.event_id: event for event in events}.values()
        self.posts: dict[int, list[EngagementSample]] = defaultdict(list)
        for event in once:
            if isinstance(event, EngagementSample):
                self.posts[int(event.post_id)].append(event)
        for samples in self.posts.values():
            samples.sort(key=lambda sample: sample.observed_at)
        self.versions = {int(event.post_id): event for event in once if isinstance(event, PostSeen)}
        self.snapshots = sorted(
            (event for event in once if isinstance(event, AccountSnapshot)), key=lambda event: event.observed_at
        )

    def created(self, post: int) -> datetime | None:
        return max((sample.created_at for sample in self.posts[post] if sample.created_at), default=None)

    def known(self, post: int, name: str) -> list[tuple[datetime, Bounds]]:
        pairs = ((sample.observed_at, Bounds.of(getattr(sample, name))) for sample in self.posts[post])
        return [(moment, bounds) for moment, bounds in pairs if bounds is not None]

    def deltas(self, post: int, name: str) -> dict[datetime, tuple[int | None, int | None, int | None]]:
        """Per hour with a sample: change, its bounds; all None where nothing can be compared."""
        created = self.created(post)
        found: dict[datetime, tuple[int | None, int | None, int | None]] = {}
        by_hour = {_hour(moment): bounds for moment, bounds in self.known(post, name)}
        found_soon = bool(by_hour) and created is not None and self._first_hour_newest(post, name) < created + DAY
        last: Bounds | None = ZERO if found_soon else None
        for hour in sorted({_hour(sample.observed_at) for sample in self.posts[post]}):
            now = by_hour.get(hour)
            if now is None or last is None:
                found[hour] = (None, None, None)
            else:
                low = None if last.high is None else now.low - last.high
                high = None if now.high is None else now.high - last.low
                sure = (low is not None and low == high) or (low or 0) > 0 or (high or 0) < 0
                found[hour] = (now.value - last.value if sure else None, low, high)
            last = now or last
        return found

    def _first_hour_newest(self, post: int, name: str) -> datetime:
        """The newest known count of the first hour with a known count is what is compared with the publication."""
        known = self.known(post, name)
        first = _hour(known[0][0])
        return max(moment for moment, _ in known if moment < first + timedelta(hours=1))

    def gains(self) -> list[dict[str, Any]]:
        """What each post gained per hour, with how much could not be told."""
        rows = []
        for post, samples in self.posts.items():
            deltas = {name: self.deltas(post, name) for name in THREE}
            for hour in deltas["likes"]:
                within = [one for one in samples if hour <= one.observed_at < hour + timedelta(hours=1)]
                unknown = sum(
                    deltas[name][hour][0] is None and any(getattr(one, name) is not None for one in within)
                    for name in THREE
                )
                rows.append(
                    {
                        "post": post, "hour": hour, "samples": len(within), "unknown": unknown,
                        "newest": within[-1].observed_at,
                        "moved": sum(abs(deltas[name][hour][0] or 0) for name in THREE) if self.created(post) else 0,
                        "lows": [deltas[name][hour][1] for name in THREE],
                        "highs": [deltas[name][hour][2] for name in THREE],
                        **{name: deltas[name][hour][0] or 0 for name in THREE},
                    }
                )  # fmt: skip
        return rows

    def sums(self, bucket: Any) -> dict[Any, dict[str, Any]]:
        """Gains by bucket of the hour, with the posts published in it."""
        found: dict[Any, dict[str, Any]] = {}
        by_bucket = defaultdict(list)
        for row in self.gains():
            by_bucket[bucket(row["hour"])].append(row)
        published = defaultdict(int)
        for version in self.versions.values():
            if version.created_at:
                published[bucket(_hour(version.created_at))] += 1
        for key in {*by_bucket, *published}:
            rows = by_bucket[key]
            pairs = [pair for row in rows for pair in zip(row["lows"], row["highs"], strict=True)]
            found[key] = {
                "posts_published": published[key],
                "posts_sampled": len({row["post"] for row in rows}),
                "samples": sum(row["samples"] for row in rows),
                **{f"{name}_gained": sum(row[name] for row in rows) for name in THREE},
                "interactions_gained_low": None
                if any(low is None and high is not None for low, high in pairs)
                else sum(low or 0 for low, _ in pairs),
                "interactions_gained_high": None
                if any(high is None and low is not None for low, high in pairs)
                else sum(high or 0 for _, high in pairs),
                "deltas_unknown": sum(row["unknown"] for row in rows),
                "most_moved": max((row["moved"] for row in rows), default=0),
                "newest_sample_at": max((row["newest"] for row in rows), default=None),
            }
        return found

    def hours(self) -> dict[datetime, dict[str, Any]]:
        return self.sums(lambda hour: hour)

    def days(self) -> dict[date, dict[str, Any]]:
        sums = self.sums(lambda hour: (hour + BEIJING).date())
        for snapshot in self.snapshots:
            day = (snapshot.observed_at + BEIJING).date()
            nothing = dict.fromkeys(next(iter(sums.values()), {}), 0) or dict.fromkeys(
                ("posts_published", "posts_sampled", "samples", *(f"{name}_gained" for name in THREE),
                 "interactions_gained_low", "interactions_gained_high", "deltas_unknown", "most_moved"), 0
            )  # fmt: skip
            sums.setdefault(day, nothing | {"newest_sample_at": None})
        for day, row in sums.items():
            ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY - BEIJING
            bounds = [(one.observed_at, Bounds.of(one.followers)) for one in self.snapshots if one.observed_at < ends]
            known = [(moment, found) for moment, found in bounds if found]
            row |= {"followers": known[-1][1].value if known else None, "followers_at": known[-1][0] if known else None}
            published = [
                (version.created_at, int(version.post_id))
                for version in self.versions.values()
                if version.created_at and (version.created_at + BEIJING).date() == day
            ]
            row["last_post_at"], row["last_post_id"] = max(published, default=(None, None))
            seen = [one.observed_at for one in self.snapshots if (one.observed_at + BEIJING).date() == day]
            row["last_snapshot_at"] = max(seen, default=None)
        return sums

    def at_age(self, post: int, age: int) -> dict[str, Any] | None:
        """The three counters at an age, on straight lines; None where the post has not reached it."""
        created = self.created(post)
        if created is None:
            return None
        values: dict[str, float | None] = {}
        exact, gaps, capped = True, [0], False
        for name in THREE:
            points = [
                ((moment - created).total_seconds(), bounds)
                for moment, bounds in self.known(post, name)
                if moment >= created
            ]
            after = next(((at, bounds) for at, bounds in points if at >= age), None)
            if after is None:
                values[name] = None
                continue
            before = next(((at, bounds) for at, bounds in reversed(points) if at < age), (0.0, ZERO))
            values[name] = before[1].value + (after[1].value - before[1].value) * (age - before[0]) / (
                after[0] - before[0]
            )
            exact = exact and after[0] == age
            capped = capped or before[1].high is None or after[1].high is None
            gaps.append(int(after[0] - before[0]))
        if all(value is None for value in values.values()):
            return None
        return {**values, "age_s": age, "interpolated": not exact, "capped": capped, "gap_s": max(gaps)}

    def ages(self) -> dict[tuple[int, int], dict[str, Any]]:
        """Of each post and age: counters, and what was to be expected."""
        rows: dict[tuple[int, int], dict[str, Any]] = {}
        for age in GRID:
            reached = {post: row for post in self.posts if (row := self.at_age(post, age)) is not None}
            order = sorted(reached, key=lambda post: (self.created(post), post))
            for place, post in enumerate(order):
                earlier = order[:place]
                same = [other for other in earlier if self._kind(other) == self._kind(post)]
                rows[post, age] = reached[post] | self._benchmark(post, reached, same[-100:], earlier[-100:])
        return rows

    def _kind(self, post: int) -> str:
        version = self.versions.get(post)
        return version.kind if version else ""

    def _benchmark(
        self, post: int, reached: dict[int, dict[str, Any]], same: Sequence[int], earlier: Sequence[int]
    ) -> dict[str, Any]:
        since = self.created(post) - timedelta(days=365)  # type: ignore[operator]
        for name, others in (("type", same), ("account", earlier)):
            values = sorted(
                sum(reached[other][counter] for counter in THREE)
                for other in others
                if self.created(other) >= since  # type: ignore[operator]
                and reached[other]["gap_s"] <= reached[other]["age_s"]
                and all(reached[other][counter] is not None for counter in THREE)
            )
            if len(values) >= 20:
                cut = len(values) // 4
                return {
                    "expected": mean(values[cut : len(values) - cut]), "benchmark": name, "benchmark_posts": len(values)
                }  # fmt: skip
        return {"expected": None, "benchmark": "", "benchmark_posts": len(values)}

    def measures(self) -> dict[int, dict[str, Any]]:
        """Of each post whose publication is known, what can be said of its whole curve."""
        return {post: self._measures(post) for post in self.posts if self.created(post)}

    def _measures(self, post: int) -> dict[str, Any]:
        samples, created = self.posts[post], self.created(post)
        row: dict[str, Any] = {
            "samples": len(samples), "first_observed_at": samples[0].observed_at, "observed_at": samples[-1].observed_at
        }  # fmt: skip
        for name in THREE:
            known = self.known(post, name)
            newest = known[-1][1] if known else None
            row[name] = newest.value if newest else None
            most = max((bounds.low for _, bounds in known), default=0)
            row[f"{name}_lost"] = max(0, most - newest.high) if newest and newest.high is not None else 0
        curve = [
            (sample.observed_at, sum(bounds.value for bounds in three))  # type: ignore[union-attr]
            for sample in samples
            if all(three := [Bounds.of(getattr(sample, name)) for name in THREE])
        ]
        if curve and created and created < curve[0][0] < created + DAY:
            curve.insert(0, (created, 0))
        row |= {"velocity": None, "settled": False, "hours_to_50": None, "hours_to_90": None}
        row |= {"half_life_hours": None, "peak_at": None}
        if not curve:
            return row
        end, total = curve[-1]
        if created and total:
            row |= {"hours_to_50": _crossing(curve, total * 0.5, created)}
            row |= {"hours_to_90": _crossing(curve, total * 0.9, created)}
        steps = [
            (after, (after[1] - before[1]) / (after[0] - before[0]).total_seconds())
            for before, after in pairwise(curve)
        ]
        if steps:
            row["velocity"] = steps[-1][1] * 3600
            peak, speed = max(steps, key=lambda step: step[1])
            if speed > 0:
                row["peak_at"] = peak[0]
            if total > peak[1]:
                rest = curve[curve.index(peak) :]
                row["half_life_hours"] = _crossing(rest, (peak[1] + total) / 2, peak[0])
            if created and end >= created + 7 * DAY:
                before = [count for moment, count in curve if moment <= end - 3 * DAY]
                row["settled"] = bool(before) and before[-1] >= total * 0.99
        row["followers_at_posting"] = self.followers_at_posting(post)
        return row

    def followers_at_posting(self, post: int) -> int | None:
        """The newest known by its publication; None where that, or any, is not known."""
        created = self.created(post)
        followers = [
            bounds.value
            for snapshot in self.snapshots
            if created and snapshot.observed_at <= created and (bounds := Bounds.of(snapshot.followers))
        ]
        return followers[-1] if followers else None


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _crossing(curve: Sequence[tuple[datetime, int]], target: float, since: datetime) -> float | None:
    """Hours from a moment until the curve reaches a count first; None where its first point is past it already."""
    if curve[0][1] >= target:
        return None
    for (t0, v0), (t1, v1) in pairwise(curve):
        if v1 >= target:
            moment = t0 + (t1 - t0) * ((target - v0) / (v1 - v0))
            return (moment - since).total_seconds() / 3600
    return None
