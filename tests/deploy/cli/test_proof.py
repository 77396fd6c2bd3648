from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import proof
from deploy.cli.main import app
from deploy.cli.proof import NoCheckoutError, UnknownProofError, find, proofs, run

GOOD = """\"\"\"What it proves.

More.\"\"\"
import sys


def main() -> int:
    print(sys.argv[1:])
    return 7


if __name__ == "__main__":
    raise SystemExit(main())
"""


def checkout(root: Path) -> Path:
    folder = root / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "one_thing.py").write_text(GOOD)
    (folder / "parts.py").write_text('"""Used by others: nothing to run."""\n')
    (folder / "test_one_thing.py").write_text("def main() -> None: ...\n")
    return root


def test_only_modules_with_a_main_are_listed(tmp_path: Path) -> None:
    [proof] = proofs("tests/benchmarks", checkout(tmp_path))
    assert (proof.name, proof.says, proof.module) == (
        "one-thing",
        "What it proves.",
        "tests.benchmarks.one_thing",
    )


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownProofError, match=r"'two' is not in tests/benchmarks; there are: one-thing"):
        find("two", "tests/benchmarks", checkout(tmp_path))


def test_outside_a_checkout_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoCheckoutError, match="run from a checkout"):
        proofs("tests/benchmarks", tmp_path)


def test_arguments_go_in_and_the_exit_code_comes_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = checkout(tmp_path)
    code = run(find("one-thing", "tests/benchmarks", root), ["--json"], root)
    assert (code, capfd.readouterr().out.strip()) == (7, "['--json']")


@pytest.mark.parametrize(
    ("said", "given"),
    [
        (["bench", "one-thing"], []),
        (["bench", "one-thing", "--json", "--data", "here"], ["--data", "here", "--json"]),
        (["bench", "one-thing", "--events", "5", "--json"], ["--json", "--events", "5"]),
        (["bench", "one-thing", "--", "--help"], ["--help"]),
        (["drill", "one-thing", "--kills", "3"], ["--kills", "3"]),
    ],
)
def test_what_the_command_does_not_know_goes_on(
    said: list[str], given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = checkout(tmp_path)
    seen: list[list[str]] = []
    monkeypatch.setattr(proof, "find", lambda name, _: find(name, "tests/benchmarks", root))
    monkeypatch.setattr(proof, "run", lambda _, arguments: seen.append(arguments) or 7)
    assert CliRunner().invoke(app, said).exit_code == 7
    assert seen == [given]
