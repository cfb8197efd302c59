"""Who may switch the recorder: in AWS a signed caller, on a machine its own user."""

from ipaddress import ip_address

from fastapi import Request

from chain_api.problems.catalogue import forbidden

# How a browser marks a request that no page of another site made it send.
_OWN_SITE = {"same-origin", "none"}


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
    context = event.get("requestContext")
    identity = context.get("identity") if isinstance(context, dict) else None
    arn = identity.get("userArn") if isinstance(identity, dict) else None
    if not isinstance(arn, str) or not arn:
        raise forbidden("It takes a request signed with an IAM identity (AWS Signature V4).")
    return arn


def _on_this_machine(request: Request) -> str:
    if request.client is None or not _is_loopback(request.client.host):
        raise forbidden("It takes a request from the machine that the API runs on.")
    # A page of another site can make a browser send a POST to this machine.
    if request.headers.get("sec-fetch-site", "none") not in _OWN_SITE:
        raise forbidden("It takes a request that no page of another site sends.")
    return request.client.host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
