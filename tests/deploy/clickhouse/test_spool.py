"""Bodies of unknown length."""

from pathlib import Path

import pytest

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.spool import IN_MEMORY, Spool


def test_a_large_body_is_read_back_whole_and_leaves_nothing(tmp_path: Path) -> None:
    data = bytes(range(256)) * (IN_MEMORY // 256 + 1000)
    with Spool(tmp_path, 1 << 30) as spool:
        for start in range(0, len(data), 1 << 16):
            spool.write(data[start : start + (1 << 16)])
        assert spool.size == len(data)
        assert b"".join(spool.pieces(3)) == data[3:]
        assert spool.head(10) == data[:10]
        assert b"".join(spool.pieces()) == data
    assert list(tmp_path.iterdir()) == []


def test_too_much_is_refused(tmp_path: Path) -> None:
    with Spool(tmp_path, 10) as spool:
        spool.write(b"0123456789")
        with pytest.raises(QueryError) as caught:
            spool.write(b"0")
    assert caught.value.code == Code.TOO_MANY_BYTES


def test_a_full_disk_has_a_name() -> None:
    with Spool(Path("/dev"), 1 << 30) as spool:
        spool._file = Path("/dev/full").open("wb", buffering=0)  # type: ignore[assignment]  # noqa: SIM115
        with pytest.raises(QueryError, match="disk of the state folder /dev is full") as caught:
            spool.write(b"0")
    assert caught.value.code == Code.NOT_ENOUGH_SPACE
