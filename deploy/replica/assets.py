"""The files that pages are made of: templates, the script and style of m.weibo.cn, a picture of one pixel."""

import base64
from functools import cache
from importlib.resources import files
from typing import Final

#: A transparent GIF of one pixel stands for every picture.
PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

_TYPES: Final = {".js": "application/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@cache
def asset(name: str) -> str:
    """The text of a file in the folder `static`. Raises FileNotFoundError."""
    return files("deploy.replica").joinpath("static", name).read_text(encoding="utf-8")


def content_type(name: str) -> str:
    """The content type of a script or a style. Raises KeyError for anything else."""
    return _TYPES[name[name.rindex(".") :]]
