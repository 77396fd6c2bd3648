"""Which software this is, as events and rows name it."""

from importlib.metadata import version

SOFTWARE = f"weiplomacy/{version('weiplomacy')}"
