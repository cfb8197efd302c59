"""What every body shares, and the body of a problem."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chain_api.problems.route_parameters import TIME_ZONE


class Model(BaseModel):
    """What a request says; what is not named here is refused, and so is what is no number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Query(Model):
    """The parameters of a route. The one of every route, `tz`, is none of them."""

    @model_validator(mode="before")
    @classmethod
    def _without_zone(cls, given: dict[str, object]) -> dict[str, object]:
        # check_names has read it, and it changes only how an answer is written.
        return {name: value for name, value in given.items() if name != TIME_ZONE}


class FieldError(Model):
    """What is wrong with one field of a request."""

    field: str = Field(description="its name; body for the whole body")
    message: str = Field(description="what is allowed")
    value: str | float | bool | None = Field(
        description="what was sent, cut short; null for an object or a list"
    )


class ProblemDetails(BaseModel):
    """RFC 9457: why a request was not answered as it was asked.

    `type` tells which problem it is and does not change; the words of `detail` may. Members beyond
    these five depend on the problem.
    """

    model_config = ConfigDict(extra="allow")
    type: str = Field(
        pattern="^urn:nse-option-chain:problem:[a-z-]+$",
        examples=["urn:nse-option-chain:problem:unknown-symbol"],
    )
    title: str = Field(description="the problem in general")
    status: int = Field(ge=400, le=599, description="the HTTP status")
    detail: str = Field(description="the problem in this case, for a person")
    instance: str = Field(description="the path of the request")


SETTLED = (
    "its numbers are the final ones of their day, which the exchange sends in the evening; of "
    "several chains: those of all of them; false of a day that has none"
)

FROZEN = (
    "the price of the underlying stands still while options trade: in the closing auction, or "
    "because its feed is cut off; of several chains: that of any of them"
)
FROZEN_SINCE = (
    "the stamp since when it is frozen, or the tick where the source sends no stamp, UTC; null "
    "where it is not"
)
LOT_SIZE = "units of the underlying in one contract on that day; null where it is not known"
LOT_SIZE_REASON = (
    "why lot_size is null: not_read, not_listed, sources_differ; or expiries_differ, in an answer "
    "of several expiries"
)
STAMP = "the exchange's own stamp, UTC; null where the source sends none"
SOURCE = (
    "where it comes from: nse, bhavcopy, or a vendor; several names with commas between, of chains "
    "of several sources"
)
ONE_SOURCE = "where it comes from: nse, bhavcopy, or a vendor"
DERIVED = (
    "fields of a contract that the source does not send: they are differences of two numbers that "
    "it sends"
)
DATED_BY = (
    "exchange: by its stamp, or the date of its daily file; receipt: the source sends no stamp, so "
    "the numbers are those of the tick `timestamp`, or up to two minutes older; of several chains: "
    "receipt if that holds for any of them"
)


class ResponseModel(Model):
    """A body of an answer.

    pydantic builds it when it is first needed. Only the OpenAPI document needs it, so a cold start
    does not pay for it.
    """

    model_config = ConfigDict(defer_build=True)
