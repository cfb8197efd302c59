"""Settings for tests."""

from dataclasses import replace
from typing import Any

from optionchain.settings import Settings


def changed(settings: Settings, **changes: object) -> Settings:
    """Return the settings with some values changed, even to values that no variable may have."""
    values: dict[str, Any] = changes
    return replace(settings, **values)
