"""Messages of MongoDB's wire protocol, as a server between a client and a server sees them."""

import socket
import struct

_HEADER = struct.Struct("<iiii")
REPLY, QUERY, MESSAGE = 1, 2004, 2013


def message(request: int, opcode: int, body: bytes, answers: int | None = None) -> bytes:
    """Return a message; by default it answers the request."""
    return _HEADER.pack(16 + len(body), request, request if answers is None else 0, opcode) + body


def receive(connection: socket.socket) -> tuple[int, int, bytes]:
    """Return the id, the opcode and the body of the next message; of an answer, whose it is."""
    length, request, answers, opcode = _HEADER.unpack(_exactly(connection, 16))
    return answers or request, opcode, _exactly(connection, length - 16)


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        if not (part := connection.recv(size - len(received))):
            raise EOFError
        received += part
    return bytes(received)
