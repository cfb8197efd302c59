"""What `make token` knows of a vendor: the way to a token, and how to check one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import requests

from chain_fetch.token_claims import dates_of
from optionchain.exchange_time import IST

type Values = Mapping[str, str]

_CONNECT_SECONDS, _READ_SECONDS = 5, 30


@dataclass(frozen=True)
class Question:
    """A value that a person is asked for; an `optional` one may be left empty."""

    name: str
    text: str
    hidden: bool = True
    optional: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether values can be used, and what a person should know about it."""

    usable: bool
    text: str


@dataclass(frozen=True)
class Vendor:
    """A vendor of chains. `origin` is the address of its API, `host` its name in SOURCE_URLS.

    `judge` looks at the values alone, at an instant. `check` asks the vendor, at an address.
    """

    name: str
    host: str
    origin: str
    steps: str
    questions: tuple[Question, ...]
    judge: Callable[[Values, datetime], Verdict]
    check: Callable[[Values, str], Verdict]


def ended(values: Values, now: datetime) -> Verdict | None:
    """Return the verdict on a token that says that it is over; else None."""
    ends = dates_of(values["access_token"]).ends_at
    if ends is None or ends > now:
        return None
    return Verdict(usable=False, text=f"this token ended at {in_india(ends)}")


def in_india(instant: datetime) -> str:
    """Return an instant as a person in India reads it."""
    return f"{instant.astimezone(IST):%A, %d %B %Y, %H:%M} IST"


def ask(
    url: str, headers: Mapping[str, str], params: Mapping[str, str] | None = None
) -> requests.Response | Verdict:
    """Return the answer to a GET request; a verdict if there is none, without the request in it."""
    seconds = (_CONNECT_SECONDS, _READ_SECONDS)
    try:
        return requests.get(url, params, headers=headers, timeout=seconds, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:
        text = f"the vendor did not answer ({type(error).__name__}), so nothing is known"
        return Verdict(usable=False, text=text)


def object_in(answer: requests.Response) -> dict[str, object]:
    """Return the JSON object of an answer; an empty one of any other body."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def unclear(vendor: str, answer: requests.Response) -> Verdict:
    """Return the verdict on an answer that says nothing about a token."""
    text = f"{vendor} answered {answer.status_code} without saying anything about the token"
    return Verdict(usable=False, text=f"{text}: try again later, or from another network")
