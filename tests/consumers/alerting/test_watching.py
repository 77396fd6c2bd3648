"""All that is watched: what one sample is remembered by."""

from datetime import timedelta
from pathlib import Path

from consumers.alerting.watching import watch_of
from schemas import registry
from schemas.settings import Settings
from tests.schemas.examples import SAMPLE


def test_a_sample_reaches_posts_waves_and_falls(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    watch = watch_of(settings, registry.load(settings))
    assert watch.feed(SAMPLE.model_copy(update={"created_at": SAMPLE.observed_at - timedelta(hours=1)})) == []
    changed = dict(watch.changed())
    account, post = changed["detectors/account:us-embassy"], changed[f"detectors/post:{SAMPLE.post_id}"]
    assert account is not None and [name for name, _ in account] == ["posts", "waves", "falls"]
    assert post is not None and [name for name, _ in post] == ["posts", "falls"]
