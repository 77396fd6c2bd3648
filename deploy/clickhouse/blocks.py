"""ClickHouse's own block compression: what `compress=1` and `decompress=1` mean.

A body is a sequence of blocks, each whole in itself: 16 bytes of checksum (CityHash128 of version 1.0.2, its first half
first) over all that follows; 1 byte for the method; 4 bytes, the size of the block without its checksum; 4 bytes, the
size of what it decodes to; the data. Numbers are little-endian. No bytes are no block. Source of the format and of the
errors: ClickHouse's `src/Compression/CompressedReadBufferBase.cpp`, `CompressionInfo.h`.

As there, no header of HTTP tells of the blocks, and HTTP's own coding goes around them if it is asked for as well.
ClickHouse may answer in ZSTD; the blocks written here are always of LZ4, which every client of every age reads.
"""

import struct
from collections.abc import Callable, Iterator

import lz4.block
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from deploy.clickhouse.errors import Code, QueryError

BLOCK = 1 << 20  # decoded bytes of a written block, as ClickHouse's DBMS_DEFAULT_BUFFER_SIZE
MAX_BLOCK = 64 << 20  # decoded bytes of a block that is taken in; ClickHouse's own limit is 1 GiB, encoded

_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02
_CHECKSUM = struct.Struct("<QQ")
_HEADER = struct.Struct("<BII")
_HEAD = _CHECKSUM.size + _HEADER.size
_HALF = (1 << 64) - 1


def encode(data: bytes | memoryview) -> bytes:
    """The bytes as one block of LZ4; there may be 2 GB of them."""
    encoded: bytes = lz4.block.compress(data, store_size=False)
    block = _HEADER.pack(_LZ4, _HEADER.size + len(encoded), len(data)) + encoded
    return _checksum(block) + block


def encode_all(data: bytes | memoryview) -> bytes:
    """The bytes as the blocks that they fill, the last one perhaps not quite."""
    view = memoryview(data)
    return b"".join(encode(view[start : start + BLOCK]) for start in range(0, len(data), BLOCK))


class BlockEncoder:
    """Encodes an answer that leaves in pieces; what does not fill a block waits for more."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> bytes:
        """The blocks that are full now; perhaps none."""
        self._pending += data
        full = len(self._pending) // BLOCK * BLOCK
        if not full:
            return b""
        with memoryview(self._pending) as pending, pending[:full] as blocks:
            encoded = encode_all(blocks)
        del self._pending[:full]
        return encoded

    def finish(self) -> bytes:
        """The last block."""
        rest = bytes(self._pending)
        self._pending.clear()
        return encode_all(rest)


class BlockDecoder:
    """Decodes a body that arrives in pieces, block after block; it holds one block at most."""

    def __init__(self, limit: int) -> None:
        """Blocks that decode to more than `limit` bytes, or to more than `MAX_BLOCK`, are refused by their head."""
        self._most = min(limit, MAX_BLOCK)
        self._pending = bytearray()
        self._size = _HEAD  # bytes of the open block; of its head as long as that is not here

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, a block at a time. Raises `QueryError`."""
        self._pending += data
        start = 0
        while len(self._pending) - start >= self._size:
            if self._size == _HEAD:
                self._size = _CHECKSUM.size + self._checked(start)
                if len(self._pending) - start < self._size:
                    break
            block = bytes(memoryview(self._pending)[start : start + self._size])
            start += self._size
            self._size = _HEAD
            yield _decoded(block)
        del self._pending[:start]

    def finish(self) -> None:
        """Raise `QueryError` when the body ended inside a block."""
        if self._pending:
            raise QueryError.named(
                Code.CANNOT_READ_ALL_DATA,
                f"The body ends inside a compressed block: {len(self._pending)} bytes of it came",
            )

    def _checked(self, start: int) -> int:
        """The size of the block without its checksum, when its head may be believed."""
        method, size, decoded = _HEADER.unpack_from(self._pending, start + _CHECKSUM.size)
        if method not in _DECODERS:
            raise QueryError.named(
                Code.UNKNOWN_CODEC,
                f"Unknown codec family code: 0x{method:02x}. With decompress=1 the body is blocks of LZ4, ZSTD or NONE",
            )
        if size < _HEADER.size:
            raise QueryError.named(
                Code.CANNOT_DECOMPRESS,
                f"Can't decompress data: the size of a compressed block ({size}) is less than that of its header",
            )
        # No method makes more of data that it can't compress.
        if size > _HEADER.size + self._most + self._most // 128 + 1024:
            raise QueryError.named(
                Code.TOO_LARGE_SIZE_COMPRESSED,
                f"Too large size_compressed_without_checksum: {size}. Most likely corrupted data; "
                f"a block may decode to {self._most} bytes here",
            )
        if decoded > self._most:
            raise QueryError.named(
                Code.TOO_MANY_BYTES, f"A compressed block decodes to {decoded} bytes; {self._most} are allowed here"
            )
        return int(size)


def _checksum(block: bytes | memoryview) -> bytes:
    value: int = CityHash128(block)
    return _CHECKSUM.pack(value >> 64, value & _HALF)  # the library puts the first half on top


def _decoded(whole: bytes) -> bytes:
    block = memoryview(whole)[_CHECKSUM.size :]
    expected, actual = whole[: _CHECKSUM.size], _checksum(block)
    if expected != actual:
        raise QueryError.named(
            Code.CHECKSUM_DOESNT_MATCH,
            f"Checksum doesn't match: corrupted data. Reference: {expected.hex()}. Actual: {actual.hex()}. "
            f"Size of compressed block: {len(block)}",
        )
    method, _, size = _HEADER.unpack_from(block)
    data = block[_HEADER.size :]
    try:
        decoded = _DECODERS[method](data, size)
    except (lz4.block.LZ4BlockError, zstandard.ZstdError, ValueError) as error:
        raise QueryError.named(Code.CANNOT_DECOMPRESS, f"Cannot decompress a block: {error}") from error
    if len(decoded) != size:
        raise QueryError.named(
            Code.CANNOT_DECOMPRESS, f"Cannot decompress a block: it has {len(decoded)} bytes and not {size}, as it says"
        )
    return decoded


def _decode_lz4(data: memoryview, size: int) -> bytes:
    decoded: bytes = lz4.block.decompress(data, uncompressed_size=size)
    return decoded


def _decode_zstd(data: memoryview, size: int) -> bytes:
    # The decoder believes the frame's own word on its size before it looks at what it was told.
    claimed = zstandard.frame_content_size(data)
    if claimed not in {-1, size}:
        raise ValueError(f"a frame of {claimed} bytes in a block of {size}")
    decoder = zstandard.ZstdDecompressor(max_window_size=MAX_BLOCK)
    return decoder.decompress(data, max_output_size=size, allow_extra_data=False)


_DECODERS: dict[int, Callable[[memoryview, int], bytes]] = {
    _LZ4: _decode_lz4,
    _ZSTD: _decode_zstd,
    _NONE: lambda data, _: bytes(data),
}
