"""Whole timeline pages on the replica's posts: under one budget and one policy they rebuild curves better."""

import pytest

from tests.benchmarks.page_plans import DAY, World, error, follow, measure


@pytest.fixture(scope="module")
def world() -> World:
    return World(accounts=4)


def test_with_pages_the_same_requests_rebuild_better_curves(world: World) -> None:
    figure = measure(world, 6)
    assert figure.with_pages < 0.8 * figure.alone
    assert figure.samples_with_pages > 1.5 * figure.samples_alone


def test_a_page_shows_only_what_is_published_and_counts_what_the_site_shows(world: World) -> None:
    seen = follow(world, 3, with_pages=True)
    assert seen
    for one in seen.values():
        assert all(moment > one.published and count == world.count(one.post, moment) for moment, count in one.samples)


def test_the_error_is_that_of_the_known_part(world: World) -> None:
    post = next(post for post in world.first_day() if world.count(post, (post.created_at + DAY).timestamp()) > 20)
    begin = post.created_at.timestamp()
    often = [(begin + 300.0 * step, world.count(post, begin + 300.0 * step)) for step in range(1, 289)]
    assert error(world, post, often) < 0.01 < error(world, post, often[::100]) < error(world, post, [])
