"""The types of JSON values that every parser uses: numbers with bounds, keys with spellings."""

from typing import Annotated

from pydantic import AliasChoices, ConfigDict, Field, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

# Strict: only a JSON number is a number. Text or `true` in its place is a fault.
STRICT = ConfigDict(strict=True)
# Far above any price, quantity or open interest, and still exact as a double.
_LIMIT = 1e15


def spelled(*spellings: str) -> FieldInfo:
    """Return a field that is found under any of these keys, the current one first."""
    alias = AliasChoices(*spellings) if len(spellings) > 1 else spellings[0]
    field: FieldInfo = Field(validation_alias=alias)
    return field


# Plain aliases: pydantic resolves a `type` statement again for each value.
Number = Annotated[float, Field(gt=-_LIMIT, lt=_LIMIT, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, lt=_LIMIT, allow_inf_nan=False)]
NumberAsText = Annotated[float, Field(strict=False)]


class IfReadable:
    """Marks what a body says of itself: None if it cannot be read, which is no fault of the chain.

    Unlike a union with Any this makes no Python objects of what cannot be read.
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return the schema of `source` with the default None, also for an error."""
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")
