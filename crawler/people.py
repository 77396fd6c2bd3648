"""The people in the data: keyed hashes in place of their ids and names.

Without the key nobody can go from a hash back to a person by trying all uids, and the same person has the same hash
in all events of one operator.
"""

import os
import secrets
import stat
import tempfile
from hashlib import blake2b
from pathlib import Path

from schemas.errors import WeiplomacyError
from schemas.settings import Settings

KEY_BYTES = 32


class KeyFileError(WeiplomacyError):
    """The key of the hashes can't be read or made, or is not a key."""


class Pseudonymiser:
    """Replaces people by keyed hashes: BLAKE2b with a key (RFC 7693), one person parameter per kind of thing.

    `raw`: the operator wants names and uids of people beside the hashes, and names in texts as they are.
    """

    def __init__(self, key: bytes, raw: bool = False) -> None:
        if len(key) < 16:
            raise KeyFileError("the key of the hashes has fewer than 16 bytes: use crawler.people.load_key")
        self._key = key[:64]
        self.raw = raw

    def key_of(self, uid: str) -> str:
        """The hash of a person's uid, 32 hexadecimal digits."""
        return self._hash(uid, b"uid", 16)

    def name_token(self, name: str) -> str:
        """What stands for a person's name in a text: `~` and 12 hexadecimal digits."""
        return "~" + self._hash(name, b"name", 6)

    def _hash(self, value: str, kind: bytes, size: int) -> str:
        encoded = value.encode("utf-8", "surrogatepass")
        return blake2b(encoded, key=self._key, digest_size=size, person=kind).hexdigest()


def people_of(settings: Settings) -> Pseudonymiser:
    """The hashes as the operator set them: the key of the setting `people.key`, else that of the file.

    Raises KeyFileError.
    """
    if settings.people.key is None:
        return Pseudonymiser(load_key(settings.people_key_file), settings.people.raw)
    try:
        key = bytes.fromhex(settings.people.key.get_secret_value())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"the setting people.key is not a key of hashes: {2 * KEY_BYTES} hexadecimal digits are")
    return Pseudonymiser(key, settings.people.raw)


def load_key(file: Path) -> bytes:
    """Read the key of the hashes, 64 hexadecimal digits; on first use it is made, readable by its owner alone.

    Two that start at once end with the same key. Raises KeyFileError where the file can't be read or made, can be
    read by others, or holds something else.
    """
    try:
        if not file.exists():
            _make(file)
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except OSError as error:
        raise KeyFileError(f"the key of the hashes can't be read or made in {file}: {error.strerror}") from error
    except ValueError as error:
        raise KeyFileError(
            f"{file} is not a key of hashes: restore it from a backup (a new one breaks joins)"
        ) from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{file} is not a key of hashes: it has {len(key)} bytes instead of {KEY_BYTES}")
    if mode & 0o077:
        raise KeyFileError(f"the key of the hashes in {file} can be read by others: chmod 600 {file}")
    return key


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # mode 0600
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(KEY_BYTES) + "\n")
            out.flush()
            os.fsync(out.fileno())
        # A link is made or fails as a whole: whoever comes second takes the key of the first.
        os.link(partial, file)
    except FileExistsError:
        return
    finally:
        partial.unlink(missing_ok=True)
