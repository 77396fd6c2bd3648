"""Which browsers of this machine can render: by name on the PATH."""

import shutil
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def on_path() -> Iterator[Path]:
    """The browsers on the PATH, the preferred one first; whether one launches is not known."""
    for name in NAMES:
        if found := shutil.which(name):
            yield Path(found)
