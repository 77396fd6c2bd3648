"""What is expected of chDB's private classifier: a new version that answers otherwise fails here first."""

import subprocess
import sys
import tempfile

import pytest

from deploy.clickhouse.classifier import Class, classify

pytestmark = pytest.mark.stack

EXPECTED = {
    "SELECT 1": Class.READS,
    "WITH 1 AS x SELECT x": Class.READS,
    "SHOW TABLES": Class.READS,
    "DESCRIBE t": Class.READS,
    "EXPLAIN AST SELECT 1": Class.READS,
    "SELECT file('/etc/passwd')": Class.READS,  # kinds of statements only
    "SELECT 1; SELECT 2": Class.ACTS,
    "SELECT 1 INTO OUTFILE 'x'": Class.ACTS,
    "EXPLAIN SELECT 1 INTO OUTFILE 'x'": Class.ACTS,
    "INSERT INTO t SELECT 1": Class.ACTS,
    "CREATE TABLE t (a Int8) ENGINE = Memory": Class.ACTS,
    "SYSTEM SHUTDOWN": Class.ACTS,
    "KILL QUERY WHERE 1": Class.ACTS,
    "SET a = 1": Class.ACTS,
    "BACKUP TABLE t TO Disk('a', 'b')": Class.ACTS,
    "": Class.NONE,
    "NO SQL": Class.NONE,
}
PROGRAM = """
import sys, chdb
from deploy.clickhouse.classifier import classify
connection = chdb.connect(sys.argv[1])
connection.query("SET implicit_select = 0")
for line in sys.stdin.read().split("\\0"):
    print(classify(connection, line).name)
"""


def test_kinds_of_statements() -> None:
    with tempfile.TemporaryDirectory() as folder:  # the engine stays out of the process of the tests
        command = [sys.executable, "-c", PROGRAM, folder]
        said = subprocess.run(command, input="\0".join(EXPECTED), capture_output=True, text=True, check=True).stdout
    assert dict(zip(EXPECTED, said.split(), strict=True)) == {sql: kind.name for sql, kind in EXPECTED.items()}


def test_without_it_nothing_is_read_only() -> None:
    assert classify(object(), "SELECT 1") is Class.ACTS
