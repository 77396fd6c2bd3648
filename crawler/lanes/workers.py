"""The workers of one state folder that crawl at the same time: each has its name, and its share of an address.

What they have to tell each other is in the names of files that are locked while they crawl, so that nobody who was
killed is in the way of others, and a full disk in nobody's.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from crawler.lanes.plans import LanePlan
from schemas.errors import SettingsError, first_reason

FOLDER: Final = Path("run") / "workers"
"""In the state folder."""
TOLERANCE: Final = 1e-3
"""Three times 0.3333, or 0.3334, are one."""


class WorkersError(SettingsError):
    """Workers would ask by the same lane, or ask more of an address than they agreed on."""


@contextmanager
def at_work(home: Path, worker: str, share: float, plans: Sequence[LanePlan]) -> Iterator[None]:
    """Be a worker of the state folder as long as the context lasts, also where it ends by a kill.

    Raises WorkersError where another one has the name, where the shares of an address add up to more than all of it,
    or where the files can't be made.
    """
    with ExitStack() as held:
        try:
            _take_place(held, home / FOLDER, worker, share, plans)
        except OSError as error:
            reason = first_reason(error)
            raise WorkersError(f"the files of the workers in {home / FOLDER} can't be made: {reason}") from error
        yield


def _take_place(held: ExitStack, folder: Path, worker: str, share: float, plans: Sequence[LanePlan]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # One at a time looks around and takes its place.
    with (folder / "door").open("a") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        if not _hold(held, folder / f"{worker}.name"):
            raise WorkersError(
                f"the worker {worker} of this state folder crawls already: let it end, or give this one a name of its "
                "own (crawl.instance), and both of them a share of the address (crawl.share)"
            )
        for way in sorted({plan.egress_proxy or "" for plan in plans}):
            place = folder / sha256(way.encode()).hexdigest()[:16]
            place.mkdir(exist_ok=True)
            sharing = {**_others(place), worker: share}
            if sum(sharing.values()) > 1 + TOLERANCE:
                through = f"the proxy {way}" if way else "this machine's own address"
                raise WorkersError(
                    f"the workers {', '.join(sharing)} go out by {through}, and their shares of it add up to "
                    f"{sum(sharing.values()):g}: set crawl.share of each so that they add up to 1"
                )
            _hold(held, place / f"{worker}@{share}")


def _hold(held: ExitStack, file: Path) -> bool:
    """Lock a file until the end; False where somebody else does."""
    opened = held.enter_context(file.open("a"))
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _others(place: Path) -> dict[str, float]:
    """The shares of those who use an address now. Files without a lock are of the past."""
    found = {}
    for file in sorted(place.iterdir()):
        with ExitStack() as tried:
            if _hold(tried, file):
                file.unlink()
            else:
                name, _, share = file.name.rpartition("@")
                found[name] = float(share)
    return found
