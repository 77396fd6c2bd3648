"""Content codings: several frames, any cutting, and ends that are missing."""

import gzip
import random
import zlib
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard

from deploy.clickhouse.blocks import encode_all
from deploy.clickhouse.compression import AnswerEncoder, BodyDecoder
from deploy.clickhouse.errors import Code, QueryError

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.compress,
    "zstd": zstandard.compress,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}
DATA = random.Random(1).randbytes(50_000) + b"Weibo" * 700_000


def decode(encoding: str, body: bytes, step: int) -> bytes:
    decoder = BodyDecoder(encoding)
    decoded = b"".join(
        piece for start in range(0, len(body), step) for piece in decoder.feed(body[start : start + step])
    )
    decoder.finish()
    return decoded


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("step", [997, 1 << 16, 1 << 30])
def test_every_frame_is_decoded(encoding: str, step: int) -> None:
    encode = ENCODERS[encoding]
    body = encode(DATA) + encode(b"") + encode(b"the end")
    assert decode(encoding, body, step) == DATA + b"the end"


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_that_ends_inside_a_frame_is_refused(encoding: str) -> None:
    body = ENCODERS[encoding](DATA) * 2
    with pytest.raises(QueryError) as caught:
        decode(encoding, body[:-5], 4096)
    assert caught.value.code == Code.CANNOT_DECOMPRESS


@pytest.mark.parametrize("encoding", ENCODERS)
def test_what_is_not_of_the_coding_is_refused(encoding: str) -> None:
    with pytest.raises(QueryError) as caught:
        decode(encoding, b"INSERT INTO t VALUES (1)", 1000)
    assert caught.value.code == Code.CANNOT_DECOMPRESS


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_bomb_comes_out_in_small_pieces(encoding: str) -> None:
    body = ENCODERS[encoding](bytes((300 if encoding == "zstd" else 32) << 20))
    biggest = max(len(piece) for piece in BodyDecoder(encoding).feed(body))
    assert biggest <= 160 << 20 if encoding == "zstd" else biggest <= 2 << 20


def test_unknown_coding() -> None:
    with pytest.raises(QueryError) as caught:
        BodyDecoder("br")
    assert caught.value.code == Code.UNKNOWN_COMPRESSION_METHOD
    assert "use lz4, zstd, gzip or deflate" in str(caught.value)


@pytest.mark.parametrize("encoding", [None, *ENCODERS])
@pytest.mark.parametrize("pieces", [[], [b"a"], [DATA, b"", DATA]])
@pytest.mark.parametrize("in_blocks", [False, True])
def test_answers_are_one_frame(encoding: str | None, pieces: list[bytes], in_blocks: bool) -> None:
    encoder = AnswerEncoder(encoding, in_blocks=in_blocks)
    answer = b"".join(encoder.feed(piece) for piece in pieces) + encoder.finish()
    content = decode(encoding, answer, 1 << 16) if encoding else answer
    assert content == (encode_all(b"".join(pieces)) if in_blocks else b"".join(pieces))
