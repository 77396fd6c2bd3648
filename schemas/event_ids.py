"""Content versions: what makes two sightings of a post or comment the same version."""

from hashlib import blake2b


def content_version(*parts: str | int | bool | None) -> str:
    """A 64-bit hash, in hexadecimal, of the parts that make up the content, in order.

    Each part is written with its length, so that no two different lists of parts collide by concatenation.
    BLAKE2b, RFC 7693.
    """
    digest = blake2b(digest_size=8)
    for part in parts:
        text = "\0none" if part is None else str(part)
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(encoded)}:".encode())
        digest.update(encoded)
    return digest.hexdigest()
