"""A gzip body whose large part was compressed before.

Between two polls only the first members of an answer change: ages and confirmations. So the rest is
compressed once. Both parts are blocks of one deflate stream (RFC 1951), and a gzip file (RFC 1952)
is that stream with a checksum of all its bytes.
"""

import zlib
from struct import pack

_LEVEL = 5
_RAW = -zlib.MAX_WBITS
# No name, no time, unknown operating system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_MODULUS = 2**32


def deflate(rest: bytes) -> bytes:
    """Return the end of a deflate stream. It refers to no byte before itself."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return stream.compress(rest) + stream.flush()


def gzip_body(head: bytes, rest: bytes, deflated_rest: bytes) -> bytes:
    """Return `head + rest` as gzip, where `deflated_rest` is `deflate(rest)`."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    deflated_head = stream.compress(head) + stream.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.crc32(rest, zlib.crc32(head))
    length = (len(head) + len(rest)) % _MODULUS
    return _HEADER + deflated_head + deflated_rest + pack("<II", checksum, length)
