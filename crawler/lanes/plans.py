"""The lanes that the settings ask for, with everything filled in, and what contradicts itself in them."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from crawler.lanes.budget import DAY, MINUTE, Budget, Rate
from schemas.errors import SettingsError
from schemas.origin import recorded
from schemas.settings import Crawl, Lane, Settings

GUEST = "guest"
"""The one lane that there is by default."""
PROFILES = "profiles"
"""Where `weiplomacy crawl login` keeps profiles, in the state folder."""


@dataclass(frozen=True, slots=True)
class LanePlan:
    """A lane as it is to be: `profile` is the folder of a browser profile, None for a guest."""

    name: str
    budget: Budget
    egress_proxy: str | None = None
    egress_ca_file: Path | None = None
    concurrent_requests: int = 1
    concurrent_pages: int = 1
    profile: Path | None = None


def plans_of(settings: Settings) -> tuple[LanePlan, ...]:
    """The lanes of a worker. Raises SettingsError where the settings contradict themselves."""
    crawl = settings.crawl
    plans = tuple(_plan(settings, lane) for lane in crawl.lanes or (Lane(name=GUEST),))
    if not crawl.hurry and goes_live(settings):
        for plan in plans:
            if not plan.budget.delay:
                raise SettingsError(
                    f"the lane {plan.name} has a delay of 0 on the live site: set crawl.delay_s to some seconds, or "
                    "crawl.hurry = true if you mean it"
                )
    return plans


def goes_live(settings: Settings) -> bool:
    """Whether the crawl goes to the live site, where it matters how fast. Raises OriginError."""
    return (settings.origin or recorded(settings.home) or "live") == "live"


def names(crawl: Crawl) -> tuple[str, ...]:
    """The names of a worker's lanes; there is at least one."""
    return tuple(lane.name for lane in crawl.lanes) or (GUEST,)


def ca_files(crawl: Crawl) -> tuple[Path, ...]:
    """The certificate authorities of all lanes: one process trusts them all."""
    named = (crawl.egress_ca_file, *(lane.egress_ca_file for lane in crawl.lanes))
    return tuple(dict.fromkeys(file for file in named if file is not None))


def profile_folder(settings: Settings, lane: Lane) -> Path:
    """Where the profile of a lane is, or would be."""
    return lane.login_profile or settings.home / PROFILES / lane.name


def lane_named(settings: Settings, name: str | None) -> Lane:
    """A lane of the settings; without a name the only one. Raises SettingsError where that is not one lane."""
    lanes = {lane.name: lane for lane in settings.crawl.lanes or (Lane(name=GUEST),)}
    if name is None and len(lanes) == 1:
        return next(iter(lanes.values()))
    if name is None or name not in lanes:
        asked = f"there is no lane {name!r}" if name else "which lane?"
        raise SettingsError(f"{asked}: the settings know {', '.join(lanes)}")
    return lanes[name]


def _plan(settings: Settings, lane: Lane) -> LanePlan:
    crawl = settings.crawl
    if lane.login_profile is not None and not lane.login_profile.is_dir():
        raise SettingsError(
            f"the login profile {lane.login_profile} of the lane {lane.name} is not there: "
            f"`weiplomacy crawl login --lane {lane.name}` makes it"
        )
    profile = profile_folder(settings, lane)
    delay_s = crawl.delay_s if lane.delay_s is None else lane.delay_s
    budget = Budget(
        timedelta(seconds=delay_s),
        Rate(lane.requests_per_minute or crawl.requests_per_minute, MINUTE),
        Rate(lane.requests_per_day or crawl.requests_per_day, DAY),
        crawl.government_factor,
    )
    return LanePlan(
        lane.name,
        budget.shared(crawl.share),
        lane.egress_proxy or crawl.egress_proxy,
        lane.egress_ca_file or crawl.egress_ca_file,
        lane.concurrent_requests or crawl.concurrent_requests,
        crawl.concurrent_pages,
        profile.absolute() if profile.is_dir() else None,
    )
