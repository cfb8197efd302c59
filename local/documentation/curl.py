"""Reads a documented curl command as the request that it sends."""

import shlex
from argparse import ArgumentParser
from typing import NamedTuple
from urllib.parse import urlsplit


class DocumentedRequest(NamedTuple):
    """A request as a document shows it; `path` includes the query."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None


def request_of(command: str) -> DocumentedRequest:
    """Return the request of a command like `curl -H 'Name: value' -d '{}' http://host/path`.

    Raises ValueError for a command that is not curl with the options -X, -H and -d.
    """
    program, *arguments = shlex.split(command.replace("\\\n", " "))
    if program != "curl":
        raise ValueError(f"an example is a curl command, not {program}")
    given, unknown = _options().parse_known_args(arguments)
    if unknown:
        raise ValueError(f"an example may not use {' '.join(unknown)}")
    address = urlsplit(given.address)
    return DocumentedRequest(
        method=given.method or ("GET" if given.body is None else "POST"),
        path=address.path + (f"?{address.query}" if address.query else ""),
        headers=dict(header.split(": ", 1) for header in given.headers),
        body=given.body,
    )


def _options() -> ArgumentParser:
    options = ArgumentParser(prog="curl", exit_on_error=False)
    options.add_argument("-X", dest="method")
    options.add_argument("-H", dest="headers", action="append", default=[])
    options.add_argument("-d", dest="body")
    options.add_argument("address")
    return options
