"""Who may import whom: the contract knows nobody, the crawler and the consumers know only it, deploy knows all three.

The replica knows none of them: it is written from the facts about the site, not from our parser.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "crawler", "consumers", "deploy", "tests")
REPLICA = "deploy.replica"

#: What the modules of a package may import of ours.
ALLOWED = {
    "schemas": ("schemas",),
    "crawler": ("crawler", "schemas"),
    "consumers": ("consumers", "schemas"),
    "deploy": ("deploy", "crawler", "consumers", "schemas"),
    "tests": PACKAGES,
    REPLICA: (REPLICA,),
}


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def imports(source: str, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of all that a module imports, wherever it stands in it, also by a literal name at run time."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            for name in node.names:
                yield node.lineno, base if name.name == "*" else f"{base}.{name.name}"
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            argument = node.args[0]
            if called in ("import_module", "__import__") and isinstance(argument, ast.Constant):
                yield node.lineno, str(argument.value)


def violations(root: Path) -> list[str]:
    """Every import in the tree that breaks a rule, as `file:line imports name`."""
    found = []
    for top in PACKAGES:
        for file in sorted((root / top).rglob("*.py")):
            place = file.relative_to(root)
            is_package = file.name == "__init__.py"
            module = ".".join((place.parent if is_package else place.with_suffix("")).parts)
            allowed = ALLOWED[REPLICA if within(module, REPLICA) else top]
            for line, name in imports(file.read_text(encoding="utf-8"), module, is_package):
                ours = any(within(name, package) for package in PACKAGES)
                if ours and not any(within(name, package) for package in allowed):
                    found.append(f"{place.as_posix()}:{line} imports {name}")
    return found


def test_nobody_breaks_the_rules() -> None:
    assert violations(ROOT) == []


def test_the_tree_is_really_looked_at() -> None:
    for package in PACKAGES:
        assert list((ROOT / package).rglob("*.py")), package


def tree(root: Path, place: str, source: str) -> Path:
    file = root / place
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("place", "source", "name"),
    [
        ("crawler/spiders/embassy.py", "import consumers.loader", "consumers.loader"),
        ("crawler/spiders/embassy.py", "from consumers import loader", "consumers.loader"),
        ("crawler/run.py", "def f():\n    from consumers.loader import run", "consumers.loader.run"),
        ("crawler/run.py", "import deploy", "deploy"),
        ("crawler/run.py", "import importlib\nimportlib.import_module('consumers.loader')", "consumers.loader"),
        ("crawler/run.py", "__import__('consumers')", "consumers"),
        ("crawler/run.py", "try:\n    from consumers import *\nexcept ImportError:\n    pass", "consumers"),
        ("consumers/loader.py", "from crawler.people import Pseudonymiser", "crawler.people.Pseudonymiser"),
        ("consumers/steps/insert.py", "from ...crawler import people", "crawler.people"),
        ("schemas/events.py", "import crawler", "crawler"),
        ("schemas/events.py", "from consumers import x", "consumers.x"),
        ("schemas/events.py", "import deploy.cli", "deploy.cli"),
        ("deploy/cli/demo.py", "from tests.kafka_process import Kafka", "tests.kafka_process.Kafka"),
        ("crawler/run.py", "if TYPE_CHECKING:\n    import tests", "tests"),
        ("deploy/replica/server.py", "from schemas.events import Comment", "schemas.events.Comment"),
        ("deploy/replica/server.py", "from deploy.ranking import table", "deploy.ranking.table"),
        ("deploy/replica/__init__.py", "from ..cli import main", "deploy.cli.main"),
        ("deploy/replica/pages/profile.py", "from ... import ranking", "deploy.ranking"),
        ("deploy/replica/server.py", "import deploy.replicas", "deploy.replicas"),
    ],
)
def test_a_violation_is_found(tmp_path: Path, place: str, source: str, name: str) -> None:
    [violation] = violations(tree(tmp_path, place, source))
    assert violation.startswith(f"{place}:")
    assert violation.endswith(f" imports {name}")


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("crawler/run.py", "import json, scrapy\nfrom schemas.events import Comment\nfrom crawler import people"),
        ("crawler/run.py", "from . import people\nfrom .people import load_key\nimport consumerslike, deploying"),
        ("consumers/loader.py", "from schemas import topics"),
        ("deploy/cli/demo.py", "import crawler, consumers, schemas\nfrom deploy.replica import server"),
        ("deploy/replica/server.py", "import aiohttp\nfrom deploy.replica.pages import profile\nfrom . import pages"),
        ("deploy/replica/__init__.py", "from .pages import profile\nfrom deploy import replica"),
        ("tests/schemas/test_events.py", "import deploy, crawler, tests.kafka_process"),
        ("schemas/events.py", "text = 'import crawler'  # import consumers"),
    ],
)
def test_what_is_allowed_is_no_violation(tmp_path: Path, place: str, source: str) -> None:
    assert violations(tree(tmp_path, place, source)) == []
