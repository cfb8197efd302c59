"""What an operator should know about the variables of the API's environment. Pure."""

from collections.abc import Mapping

from chain_api.json_types import Answer
from optionchain.misspelt_settings import misspelt_text


def setting_notices(misspelt: Mapping[str, str | None]) -> list[Answer]:
    """Return which variables look like settings and are none, with the nearest right name."""
    return [
        {
            "code": "setting_unknown",
            "detail": misspelt_text(name, near),
            "setting": name,
            "near": near,
        }
        for name, near in misspelt.items()
    ]
