"""What the live limits mean, on a few accounts of the replica: promises are kept, and a slow lane's are not."""

from tests.benchmarks.live_limits import main, measure


def test_the_default_limits_keep_what_they_promise() -> None:
    live = measure(accounts=6, hours=8)
    assert live.late == 0
    assert live.requests <= live.allowed == 192.0
    assert live.visits > 0.5, "an account is visited more often than promised, where there is room"
    assert live.longest_gap <= 120
    assert 0 < live.found_after < live.found_at_last <= 120


def test_a_lane_that_is_too_slow_is_told_by_the_exit_code() -> None:
    assert main(["--accounts", "6", "--hours", "8", "--delay", "900", "--json"]) == 1
