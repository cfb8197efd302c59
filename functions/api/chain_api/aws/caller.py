"""Who may switch the recorder: in AWS a signed caller, on a machine its own user."""

import re
from ipaddress import ip_address

from fastapi import Request

from chain_api.problems.catalogue import Problem, forbidden

# How a browser marks a request that no page of another site made it send.
_OWN_SITE = {"same-origin", "none"}
# An authority: a name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::[0-9]{1,5})?", re.ASCII)


def may_have_links(request: Request) -> bool:
    """Tell whether a caller may have links to files, whose traffic the operator pays for.

    In AWS it takes a key that API Gateway has checked: it names one only where it asks for one. On
    a machine it takes a caller of that machine.
    """
    event = request.scope.get("aws.event")
    if event is not None:
        return bool(_identity(event).get("apiKeyId"))
    try:
        return bool(_on_this_machine(request))
    except Problem:
        return False


def authorised_caller(request: Request) -> str:
    """Return who sends the request; raise the Problem `forbidden` for a caller without authority.

    API Gateway checks signatures before it calls the function. Here it is checked again that the
    request came by a route on which it does.
    """
    event = request.scope.get("aws.event")
    if event is not None:
        return _signed(event)
    return _on_this_machine(request)


def _signed(event: dict[str, object]) -> str:
    arn = _identity(event).get("userArn")
    if not isinstance(arn, str) or not arn:
        raise forbidden("It takes a request signed with an IAM identity (AWS Signature V4).")
    return arn


def _identity(event: dict[str, object]) -> dict[str, object]:
    """Return what API Gateway knows about the caller; nothing if the event is not one of it."""
    context = event.get("requestContext")
    identity = context.get("identity") if isinstance(context, dict) else None
    return identity if isinstance(identity, dict) else {}


def _on_this_machine(request: Request) -> str:
    if request.client is None or not _is_loopback(request.client.host):
        raise forbidden("It takes a request from the machine that the API runs on.")
    # A page can have its own name resolve to this machine: then only this header tells.
    if not all(map(_names_this_machine, request.headers.getlist("host") or [""])):
        raise forbidden("Its Host header must be localhost, 127.0.0.1 or [::1].")
    # A page of another site can make a browser send a POST to this machine.
    origins = request.headers.getlist("origin")
    own = all(_names_this_machine(each.removeprefix("http://")) for each in origins)
    if not own or request.headers.get("sec-fetch-site", "none") not in _OWN_SITE:
        raise forbidden("It takes a request that no page of another site sends.")
    return request.client.host


def _names_this_machine(authority: str) -> bool:
    match = _AUTHORITY.fullmatch(authority.lower())
    if match is None:
        return False
    name = match[1] or match[2]
    return name == "localhost" or _is_loopback(name)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
