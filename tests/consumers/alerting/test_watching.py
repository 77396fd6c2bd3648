"""All that is watched: what one sample is remembered by."""

from datetime import timedelta
from pathlib import Path

from consumers.alerting.watching import watch_of
from schemas import registry
from schemas.settings import Settings
from tests.schemas.examples import SAMPLE


def test_a_sample_reaches_posts_and_waves(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    watch = watch_of(settings, registry.load(settings))
    assert watch.feed(SAMPLE.model_copy(update={"created_at": SAMPLE.observed_at - timedelta(hours=1)})) == []
    keys = {key for key, _ in watch.changed()}
    assert "waves/account:us-embassy" in keys
    assert any(key.startswith("posts/") for key in keys)
