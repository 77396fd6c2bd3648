"""`weiplomacy bench` and `weiplomacy drill`: figures and fault campaigns, run from a checkout.

A benchmark is a module of tests/benchmarks, a drill a module of tests/faults. The first line of its docstring says
what it proves; it is started as a process of its own, ends with one line that says the result, and its exit code
means it.
"""

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas.errors import WeiplomacyError

ROOT = Path(__file__).resolve().parent.parent.parent
BENCHMARKS = "tests/benchmarks"
DRILLS = "tests/faults"


class NoCheckoutError(WeiplomacyError):
    """Benchmarks and drills are part of the source tree, and it is not here."""


class UnknownProofError(WeiplomacyError):
    """There is no benchmark or drill of that name."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Proof:
    """A benchmark or drill: its name, what it proves, and the module that is run."""

    name: str
    says: str
    module: str


def proofs(folder: str, root: Path = ROOT) -> list[Proof]:
    """What a folder of proofs holds, by name. Raises NoCheckoutError where the folder is not there."""
    place = root / folder
    if not place.is_dir():
        raise NoCheckoutError(f"{folder} is not here: benchmarks and drills run from a checkout of the project")
    found = []
    for file in sorted(place.glob("[a-z]*.py")):
        if file.stem.startswith("test_") or file.stem == "conftest":
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        runs = any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)
        if runs:
            says = (ast.get_docstring(tree) or "").partition("\n")[0]
            found.append(Proof(file.stem.replace("_", "-"), says, f"{folder.replace('/', '.')}.{file.stem}"))
    return found


def find(name: str, folder: str, root: Path = ROOT) -> Proof:
    """The proof of that name. Raises UnknownProofError with the names that there are."""
    known = proofs(folder, root)
    for proof in known:
        if proof.name == name:
            return proof
    names = ", ".join(proof.name for proof in known) or "none"
    raise UnknownProofError(f"{name!r} is not in {folder}; there are: {names}")


def run(proof: Proof, arguments: list[str], root: Path = ROOT) -> int:
    """Run a proof as a process of its own and return its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run([sys.executable, "-m", proof.module, *arguments], env=environment, check=False).returncode


def show(title: str, folder: str) -> None:
    """Print what there is to run."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("name", style="bold")
    table.add_column("what it proves")
    for proof in proofs(folder):
        table.add_row(proof.name, proof.says)
    Console().print(table)


def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The benchmark; without it, the list.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data for the benchmarks that need some.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure: ratios against what runs beside them; further options go to the benchmark (NAME -- --help)."""
    if name is None:
        show("Benchmarks (weiplomacy bench NAME [OPTIONS])", BENCHMARKS)
        return
    arguments = (["--data", str(data)] if data else []) + (["--json"] if as_json else [])
    raise typer.Exit(run(find(name, BENCHMARKS), [*arguments, *context.args]))


def drill(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The drill; without it, the list.")] = None,
) -> None:
    """Break things on purpose and count what is left; further options go to the drill (NAME -- --help)."""
    if name is None:
        show("Drills (weiplomacy drill NAME [OPTIONS])", DRILLS)
        return
    raise typer.Exit(run(find(name, DRILLS), context.args))
