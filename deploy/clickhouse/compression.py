"""HTTP content codings of bodies and answers.

A body may consist of several frames one after the other: clickhouse-connect compresses block by block. Every frame
is decoded, and a frame that does not end is an error, because a decoder that stops after the first frame loses rows
without a word.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import lz4.frame
import zstandard

from deploy.clickhouse.blocks import BlockEncoder
from deploy.clickhouse.errors import Code, QueryError

_STEP = 1 << 20  # decoded bytes at a time: a small body may decode to a very large one
_ZSTD_INPUT = 1 << 12  # encoded bytes at a time


class _Decoder(Protocol):
    """One frame of a coding."""

    @property
    def unused_data(self) -> bytes | None: ...

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _ZlibFrame:
    """zlib's decoder with the interface of the others; `wbits` chooses gzip or deflate."""

    def __init__(self, wbits: int) -> None:
        self._decoder = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        output = self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)
        self.needs_input = not self._decoder.unconsumed_tail and len(output) < max_length
        return output


class _ZstdFrame:
    """zstandard's decoder with the interface of the others; it does not bound its output, so its input is bounded."""

    needs_input = True

    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._decoder.decompress(data)


def _new_frame(encoding: str) -> _Decoder:
    match encoding:
        case "lz4":
            frame: _Decoder = lz4.frame.LZ4FrameDecompressor()
        case "zstd":
            frame = _ZstdFrame()
        case "gzip":
            frame = _ZlibFrame(31)
        case "deflate":
            frame = _ZlibFrame(15)
        case _:
            raise QueryError.named(
                Code.UNKNOWN_COMPRESSION_METHOD,
                f"Content-Encoding {encoding!r} is not served here: use lz4, zstd, gzip or deflate",
            )
    return frame


class BodyDecoder:
    """Decodes a body that arrives in pieces, frame after frame."""

    def __init__(self, encoding: str) -> None:
        """Raise `QueryError` when the coding is not known."""
        self._encoding = encoding
        self._frame = _new_frame(encoding)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, in small pieces. Raises `QueryError`."""
        step = _ZSTD_INPUT if self._encoding == "zstd" else max(1, len(data))
        for start in range(0, len(data), step):
            yield from self._feed(data[start : start + step])

    def _feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._frame.eof:
                self._frame, self._begun = _new_frame(self._encoding), False
            self._begun = True
            try:
                output = self._frame.decompress(data, _STEP)
                while output or not (self._frame.eof or self._frame.needs_input):
                    yield output
                    output = b"" if self._frame.eof or self._frame.needs_input else self._frame.decompress(b"", _STEP)
            except (RuntimeError, zlib.error, zstandard.ZstdError) as error:
                raise QueryError.named(
                    Code.CANNOT_DECOMPRESS, f"The body is not valid {self._encoding}: {error}"
                ) from error
            data = bytes(self._frame.unused_data or b"") if self._frame.eof else b""

    def finish(self) -> None:
        """Raise `QueryError` when the body ended inside a frame."""
        if self._begun and not self._frame.eof:
            raise QueryError.named(Code.CANNOT_DECOMPRESS, f"The body ends inside a frame of {self._encoding}")


class AnswerEncoder:
    """Encodes an answer that leaves in pieces, as one frame; no coding when `encoding` is None.

    With `in_blocks` it is the blocks of the answer that are encoded.
    """

    def __init__(self, encoding: str | None, *, in_blocks: bool = False) -> None:
        self.encoding = encoding
        self._blocks = BlockEncoder() if in_blocks else None
        self._lz4 = lz4.frame.LZ4FrameCompressor() if encoding == "lz4" else None
        self._zstd = zstandard.ZstdCompressor(level=1).compressobj() if encoding == "zstd" else None
        self._zlib = None
        if encoding in {"gzip", "deflate"}:
            self._zlib = zlib.compressobj(1, wbits=31 if encoding == "gzip" else 15)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        """Encode a piece; what comes back may be empty until more is fed."""
        return self._encoded(self._blocks.feed(data) if self._blocks else data)

    def finish(self) -> bytes:
        """Encode what is left and close the frame."""
        last = self._encoded(self._blocks.finish()) if self._blocks else b""
        return last + self._end()

    def _encoded(self, data: bytes) -> bytes:
        if self._lz4 is not None:
            head = b"" if self._begun else self._lz4.begin()
            self._begun = True
            return head + bytes(self._lz4.compress(data))
        coder = self._zstd or self._zlib
        return data if coder is None else coder.compress(data)

    def _end(self) -> bytes:
        if self._lz4 is not None:
            return (b"" if self._begun else self._lz4.begin()) + bytes(self._lz4.flush())
        coder = self._zstd or self._zlib
        return b"" if coder is None else coder.flush()
