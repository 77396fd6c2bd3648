"""Insert tokens that stand for no rows are taken back before the engine opens a folder.

A MergeTree table logs the token of a block before the part with the block's rows gets its name. Killed in between, the
engine knows the token afterwards and has no rows: the repeated insert would be acknowledged and dropped. The log is
text, a line per change: 1 (added) or 2 (taken back), the part's name and the block's token, separated by tabs.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

_ADDED, _TAKEN_BACK = "1", "2"
#: Partition, first and last block, level, and the mutation where there was one.
_PART = re.compile(r"([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?")


def forget_tokens_without_rows(path: Path) -> int:
    """Take back the orphaned tokens of all tables under `path`; returns how many. Raises OSError.

    Only for a folder that no engine has open, and before every opening: the next insert reuses the lost part's number.
    """
    return sum(_mend(folder.parent, folder) for folder in path.glob("store/*/*/deduplication_logs"))


def orphans(lines: Iterable[str], parts: Iterable[str]) -> list[tuple[str, str]]:
    """The (part, token) of a log whose blocks lie in none of the parts that are on disk."""
    tokens: dict[str, str] = {}
    for line in lines:
        if len(fields := line.split("\t")) != 3:
            continue  # torn by a power failure
        change, part, token = fields
        if change == _ADDED:
            tokens[token] = part
        else:
            tokens.pop(token, None)
    covered: dict[str, list[tuple[int, int]]] = {}
    for name in parts:
        if found := _PART.fullmatch(name):
            covered.setdefault(found[1], []).append((int(found[2]), int(found[3])))
    return [
        (part, token)
        for token, part in tokens.items()
        if (found := _PART.fullmatch(part))
        and not any(first <= int(found[2]) and int(found[3]) <= last for first, last in covered.get(found[1], ()))
    ]


def _mend(table: Path, folder: Path) -> int:
    logs = sorted(folder.glob("deduplication_log_*.txt"), key=lambda log: int(log.stem.rsplit("_", 1)[1]))
    lines = [line for log in logs for line in log.read_text("utf-8").splitlines()]
    lost = orphans(lines, [entry.name for entry in table.iterdir()])
    if lost:
        with logs[-1].open("a", encoding="utf-8") as log:
            log.writelines(f"{_TAKEN_BACK}\t{part}\t{token}\n" for part, token in lost)
            log.flush()
            os.fsync(log.fileno())
    return len(lost)
