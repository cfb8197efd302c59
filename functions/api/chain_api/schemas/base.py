"""What every body shares, and the body of a problem."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A body; what is not named here is refused."""

    model_config = ConfigDict(extra="forbid")


class ProblemDetails(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    instance: str
