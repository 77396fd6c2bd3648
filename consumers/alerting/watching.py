"""What is watched with these settings and these accounts: the detectors, put together."""

from consumers.alerting.falls import FallDetector
from consumers.alerting.keeping import Detector
from consumers.alerting.posts import PostDetector
from consumers.alerting.watch import Watch
from consumers.alerting.watcher import Watcher
from consumers.alerting.waves import Waves
from schemas.registry import Registry
from schemas.settings import Settings
from schemas.software import SOFTWARE


def watch_of(settings: Settings, accounts: Registry) -> Watch:
    """All that is watched."""
    minutes = {
        "first": settings.crawl.visit_every_first_min,
        "normal": settings.crawl.visit_every_normal_min,
        "last": settings.crawl.visit_every_last_min,
    }

    def promise(account_id: str) -> float:
        account = accounts.by_id.get(account_id)
        return 60 * minutes[account.tier if account else "normal"]

    uids = {account.id: account.uid for account in accounts.accounts if account.uid}
    countries = {account.id: account.country_code for account in accounts.accounts if account.country_code}
    detectors: dict[str, Detector] = {
        "posts": PostDetector(),
        "waves": Waves(promise, countries),
        "falls": FallDetector(),
    }
    return Watch(detectors, Watcher(promise), uids, SOFTWARE, countries=countries)
