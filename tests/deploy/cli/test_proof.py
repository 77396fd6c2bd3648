from pathlib import Path

import pytest

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
