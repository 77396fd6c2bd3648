"""ClickHouse's compressed blocks: known ones, any size and cutting, and whatever is wrong with them."""

import random
import struct
from collections.abc import Callable, Iterator

import lz4.block
import pytest
import zstandard
from clickhouse_cityhash.cityhash import CityHash128
from hypothesis import example, given
from hypothesis import strategies as st

from deploy.clickhouse.blocks import BLOCK, MAX_BLOCK, BlockDecoder, BlockEncoder, encode, encode_all
from deploy.clickhouse.errors import Code, QueryError

RANDOM = random.Random(1).randbytes(3 * BLOCK)
TEXT = b"Weibo" * (3 * BLOCK // 5 + 1)
LIMIT = 1 << 30

# `ClickHouseLZ4OutputStreamTest.testWrite` of github.com/ClickHouse/clickhouse-java: 1 and 2, then 3.
OF_THE_JAVA_CLIENT = {
    b"\x01\x02": "dcaa1f71962c636070f92f0fc127b798820c00000002000000200102",
    b"\x03": "40d91532b3841949c50970da0c63474a820b000000010000001003",
}
METHODS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "LZ4": (0x82, lambda data: lz4.block.compress(data, store_size=False)),
    "ZSTD": (0x90, zstandard.compress),
    "ZSTD without a size": (0x90, zstandard.ZstdCompressor(write_content_size=False).compress),
    "NONE": (0x02, bytes),
}


def block(method: int, encoded: bytes, size: int) -> bytes:
    """A block that may lie about everything but its checksum."""
    whole = struct.pack("<BII", method, 9 + len(encoded), size) + encoded
    value = CityHash128(whole)
    return struct.pack("<QQ", value >> 64, value % (1 << 64)) + whole


def decoded(body: bytes, step: int = 1 << 30, limit: int = LIMIT) -> list[bytes]:
    """What a body decodes to, block by block."""
    decoder = BlockDecoder(limit)
    blocks = [piece for start in range(0, len(body), step) for piece in decoder.feed(body[start : start + step])]
    decoder.finish()
    return blocks


def refusal(body: bytes, step: int = 1 << 30, limit: int = LIMIT) -> QueryError:
    with pytest.raises(QueryError) as caught:
        decoded(body, step, limit)
    return caught.value


@pytest.mark.parametrize(("data", "known"), OF_THE_JAVA_CLIENT.items())
def test_known_blocks(data: bytes, known: str) -> None:
    assert encode(data).hex() == known
    assert decoded(bytes.fromhex(known)) == [data]


near_limits = st.builds(
    lambda blocks, rest: max(0, blocks * BLOCK + rest), st.integers(0, 2), st.integers(-70_000, 70_000)
)


def cuttings(sizes: list[int], data: bytes) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size
    yield data[start:]


@given(size=near_limits, cuts=st.lists(near_limits, max_size=4), step=st.integers(1 << 12, 1 << 21), text=st.booleans())
@example(size=0, cuts=[], step=1, text=True)
@example(size=1, cuts=[0, 0], step=1, text=True)
@example(size=BLOCK, cuts=[BLOCK], step=1 << 20, text=False)
@example(size=BLOCK + 1, cuts=[BLOCK - 1, 2], step=1 << 20, text=False)
def test_round_trip(size: int, cuts: list[int], step: int, text: bool) -> None:
    data = (TEXT if text else RANDOM)[:size]
    encoder = BlockEncoder()
    body = b"".join(encoder.feed(piece) for piece in cuttings(cuts, data)) + encoder.finish()
    assert body == encode_all(data)
    blocks = decoded(body, step)
    assert b"".join(blocks) == data
    assert [len(piece) for piece in blocks] == [BLOCK] * (size // BLOCK) + ([size % BLOCK] if size % BLOCK else [])


@pytest.mark.parametrize("step", [1, 24, 25, 26, 1000, 1 << 30])
def test_methods_may_change_within_a_body(step: int) -> None:
    pieces = [name.encode() * 100 for name in METHODS]
    body = b"".join(
        block(method, compress(piece), len(piece))
        for piece, (method, compress) in zip(pieces, METHODS.values(), strict=True)
    )
    assert decoded(body, step) == pieces


@pytest.mark.parametrize("name", METHODS)
def test_no_byte_of_a_block_may_be_wrong(name: str) -> None:
    method, compress = METHODS[name]
    data = b"INSERT INTO t VALUES (1)"
    good = block(method, compress(data), len(data))
    for place in range(len(good)):
        codes = {Code.CHECKSUM_DOESNT_MATCH}
        if place == 16:
            codes.add(Code.UNKNOWN_CODEC)
        elif place in range(17, 21):
            codes |= {Code.CANNOT_READ_ALL_DATA, Code.TOO_LARGE_SIZE_COMPRESSED, Code.CANNOT_DECOMPRESS}
        elif place in range(21, 25):
            codes.add(Code.TOO_MANY_BYTES)
        for bit in range(8):
            bad = bytearray(good)
            bad[place] ^= 1 << bit
            assert refusal(bytes(bad), limit=4096).code in codes, f"bit {bit} of byte {place}"


@pytest.mark.parametrize("name", METHODS)
def test_no_end_may_be_missing(name: str) -> None:
    method, compress = METHODS[name]
    good = block(method, compress(b"the first"), 9) + block(method, compress(b"another"), 7)
    first = len(block(method, compress(b"the first"), 9))
    for end in set(range(1, len(good))) - {first}:
        assert refusal(good[:end], step=7).code == Code.CANNOT_READ_ALL_DATA


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("lie", [-3, -1, 1, 100, 1 << 20])
def test_a_block_says_how_much_it_has(name: str, lie: int) -> None:
    method, compress = METHODS[name]
    data = b"SELECT 1"
    assert refusal(block(method, compress(data), len(data) + lie)).code == Code.CANNOT_DECOMPRESS


@pytest.mark.parametrize("method", [0x82, 0x90, 0x02])
@pytest.mark.parametrize("junk", [b"", b"\xff", b"SELECT 1 FROM numbers(10)", zstandard.compress(b"x" * 100)[:-2]])
def test_what_is_not_of_the_method_is_refused(method: int, junk: bytes) -> None:
    assert refusal(block(method, junk, 100)).code == Code.CANNOT_DECOMPRESS


@pytest.mark.parametrize(
    ("size", "of_decoded", "limit", "code"),
    [
        ((1 << 30) + 1, 100, 4 << 30, Code.TOO_LARGE_SIZE_COMPRESSED),  # ClickHouse's own limit
        (0xFFFFFFFF, 100, 4 << 30, Code.TOO_LARGE_SIZE_COMPRESSED),
        (MAX_BLOCK * 2, 100, 4 << 30, Code.TOO_LARGE_SIZE_COMPRESSED),
        (100_000, 100, 1000, Code.TOO_LARGE_SIZE_COMPRESSED),
        (100, MAX_BLOCK + 1, 4 << 30, Code.TOO_MANY_BYTES),
        (100, 1001, 1000, Code.TOO_MANY_BYTES),
        (8, 100, 1000, Code.CANNOT_DECOMPRESS),
        (0, 0, 1000, Code.CANNOT_DECOMPRESS),
    ],
)
def test_sizes_are_refused_by_the_head_alone(size: int, of_decoded: int, limit: int, code: Code) -> None:
    decoder = BlockDecoder(limit)
    with pytest.raises(QueryError) as caught:
        list(decoder.feed(bytes(16) + struct.pack("<BII", 0x82, size, of_decoded)))
    assert caught.value.code == code


def test_a_block_of_the_limit_is_taken_in_whatever_it_holds() -> None:
    data = RANDOM[:100_000]
    for method, compress in METHODS.values():
        assert decoded(block(method, compress(data), len(data)), limit=len(data)) == [data]


def test_a_frame_that_claims_more_than_its_block_is_not_believed() -> None:
    bomb = zstandard.compress(bytes(MAX_BLOCK * 4))
    error = refusal(block(0x90, bomb, 1000))
    assert error.code == Code.CANNOT_DECOMPRESS
    assert f"a frame of {MAX_BLOCK * 4} bytes in a block of 1000" in str(error)


def test_the_text_of_plain_sql_is_told_from_blocks() -> None:
    assert "With decompress=1 the body is blocks" in str(refusal(b"INSERT INTO t VALUES (1), (2)"))
