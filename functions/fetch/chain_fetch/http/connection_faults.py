"""Why there was no connection, or no answer on one: told by the errors behind it, in our words.

A text of an error is never shown: it may have the password of a proxy, or a token of a URL.
"""

import socket
import ssl
from collections.abc import Iterator
from http.client import RemoteDisconnected
from urllib.parse import urlsplit

import requests
import urllib3

from chain_fetch.refused import Refused

_PORTS = {"http": 80, "https": 443}
# What the operating system says, the more special first.
_FAULTS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "no connection to {}: the name does not resolve (DNS)"),
    (ConnectionRefusedError, "no connection to {}: refused, nothing listens there"),
    (RemoteDisconnected, "no answer of {}: the connection was closed"),
    (ConnectionError, "no answer of {}: the connection was reset"),
)
_SILENCE = (requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError)


def place_of(url: str) -> str:
    """Return host and port of a URL, such as `www.nseindia.com:443`; nothing else of it."""
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # no number, or too large a one
        port = None
    host = parts.hostname or "?"
    return f"{f'[{host}]' if ':' in host else host}:{port or '?'}"


def refusal_of(error: Exception, url: str, connect: float, read: float) -> Refused:
    """Return the refusal of a request that got no answer.

    `connect` and `read` are the seconds that a connection and an answer had.
    """
    place, causes = place_of(url), list(_causes(error))
    if any(isinstance(each, urllib3.exceptions.ProxyError) for each in causes):
        place = f"the proxy in front of {place}"
    # What is behind all tells most: a reset is behind a connection that is closed.
    for each in reversed(causes):
        for kind, words in _FAULTS:
            if isinstance(each, kind):
                return Refused("server_error", words.format(place))
    if fault := next((each for each in causes if isinstance(each, ssl.SSLError)), None):
        told = f"no connection to {place}: TLS fails ({_tls_words(fault)})"
        return Refused("server_error", told)
    if any(isinstance(each, requests.ConnectTimeout) for each in causes):
        return Refused("timeout", f"no connection to {place} within {connect:.1f} s")
    if any(isinstance(each, _SILENCE) for each in causes):
        # The handshake of TLS has the time of a connection, and nobody tells which one it was.
        return Refused("timeout", f"no answer of {place} within {read:.1f} s")
    return Refused("server_error", f"no connection to {place} ({type(error).__name__})")


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message}"
    return error.reason or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what is behind it; nothing that somebody has handled before."""
    seen = set()  # to raise an error again may close a circle
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
