"""What an operator should know about the tokens of the sources. Pure."""

from collections.abc import Mapping
from datetime import datetime

from chain_api.json_types import Answer
from optionchain.exchange_time import ist_text
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.token_register import TokenState


def token_notices(tokens: Mapping[str, TokenState], now: datetime) -> list[Answer]:
    """Return a notice for each source whose token needs a person, or whose end is not known."""
    return [
        _notice(source, token, now)
        for source, token in tokens.items()
        if token.needs_a_person(now) or _is_worth_a_word(token, now)
    ]


def refusal_notices(
    states: Mapping[str, SourceState], tokens: Mapping[str, TokenState], now: datetime
) -> list[Answer]:
    """Return a notice for each vendor that takes the token and refuses what it is asked for.

    Waiting does not help: the token is of another kind, or the account has no plan for data.
    """
    return [
        {
            "code": "source_refuses",
            "source": source,
            "detail": f"{source} refuses to answer: {state.detail}",
            "since": state.since,
        }
        for source, state in states.items()
        if state.reason == "unauthorised"
        and (token := tokens.get(source))
        and not token.needs_a_person(now)
    ]


def _is_worth_a_word(token: TokenState, now: datetime) -> bool:
    """Tell whether a token that holds is kept badly, or does not say when it ends."""
    unknown = token.status(now) == "end_unknown" and not token.renewable
    return unknown or token.detail is not None


def _notice(source: str, token: TokenState, now: datetime) -> Answer:
    status, of = token.status(now), f"the token of {source}"
    remedy = f"`make token SOURCE={source}` helps to get another"
    ends_at = ist_text(token.ends_at) if token.ends_at else ""
    codes = {
        "ends_soon": ("token_ends", f"{of} ends at {ends_at}; {remedy}"),
        "ended": ("token_ended", f"{of} ended at {ends_at}; {remedy}"),
        "refused": ("token_ended", f"{source} refuses its token; {remedy}"),
        "missing": ("token_missing", f"{source} has no token: {token.detail}; {remedy}"),
        "end_unknown": ("token_end_unknown", f"{of} does not say when it ends"),
        "valid": ("token_not_stored", f"{of}: {token.detail}"),
    }
    if token.detail and not token.needs_a_person(now):
        status = "valid"
    code, detail = codes[status]
    if token.login_refused:
        code = "login_refused"
        detail = (
            f"{source} refuses the login that the recorder makes its tokens with, and it is not "
            f"repeated; `make token SOURCE={source}` helps to get a token and to correct the login"
        )
    return {"code": code, "source": source, "detail": detail, "ends_at": token.ends_at}
