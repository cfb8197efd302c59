"""The parameters of a request as cursors hold them. Pure."""

from pydantic import BaseModel


def given_texts(query: BaseModel) -> dict[str, str]:
    """Return the parameters that a request named, each as one canonical text."""
    named = {
        field.alias or name: getattr(query, name)
        for name, field in type(query).model_fields.items()
        if name in query.model_fields_set and name != "cursor"
    }
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in named.items()
    }
