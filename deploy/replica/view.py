"""What an answer is made from: the content, the moment, and the era of the shapes."""

from dataclasses import dataclass
from datetime import datetime

from deploy.replica.catalogue import Catalogue
from deploy.replica.shown import Era


@dataclass(frozen=True, slots=True)
class View:
    """The world at a moment (aware, UTC), in the shapes of an era.

    Beyond `deepest_page` pages of comments or reposts a login is asked for.
    """

    world: Catalogue
    at: datetime
    era: Era
    deepest_page: int
