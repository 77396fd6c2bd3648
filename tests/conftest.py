"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ["tests.stack_fixtures", "tests.migrated", "tests.full_disk"]

#: Of each property in a run; two zones take different ones.
EXAMPLES = 25

# Machines are shared and noisy: how long an example takes says nothing of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=EXAMPLES)
settings.load_profile("untimed")


# Brokers of tests live for seconds: what the JVM's second compiler costs in them, it never brings in.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded responses and labelled data; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WEIPLOMACY_SHARED", ROOT.parent / "shared"))
    if not (folder / "weibo").is_dir():
        pytest.skip(f"recorded responses are not here: {folder} (set WEIPLOMACY_SHARED)")
    return folder
