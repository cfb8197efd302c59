"""The part in use of CloudWatch's "Dashboard Body Structure and Syntax", as a JSON schema."""

from typing import Any

type Schema = dict[str, Any]
COLUMNS = 24


def _object(required: list[str], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _list(items: Schema, most: int) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": items}


def _text(pattern: str = ".") -> Schema:
    return {"type": "string", "pattern": pattern}


def _integer(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


_PERIOD = {"type": "integer", "minimum": 60, "multipleOf": 60}
_STATISTIC = _text("^(Sum|Average|Minimum|Maximum|SampleCount|p[0-9]+)$")
_OPTIONS = _object(
    [],
    id=_text("^[a-z][A-Za-z0-9_]*$"),
    label=_text(),
    expression=_text(),
    color=_text("^#[0-9a-f]{6}$"),
    period=_PERIOD,
    stat=_STATISTIC,
    visible={"type": "boolean"},
    yAxis={"enum": ["left", "right"]},
)
_EXPRESSION = {
    "type": "array",
    "prefixItems": [_OPTIONS | {"required": ["expression", "id"]}],
    "items": False,
}
# Namespace, name, then a name and a value for each dimension, and the options at the end.
_METRIC = {
    "type": "array",
    "minItems": 2,
    "prefixItems": [_text(), _text()],
    "items": {"oneOf": [_text(), _OPTIONS]},
}
_AXIS = _object([], label=_text(), min={"type": "number"}, showUnits={"type": "boolean"})
_LINE = _object(["value"], label=_text(), value={"type": "number"})
_PROPERTIES = {
    "metric": _object(
        ["title", "region", "metrics"],
        title=_text(),
        region=_text("^[a-z]{2}-[a-z]+-[0-9]$"),
        view={"enum": ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]},
        stacked={"type": "boolean"},
        period=_PERIOD,
        stat=_STATISTIC,
        metrics=_list({"oneOf": [_EXPRESSION, _METRIC]}, 500),
        yAxis=_object([], left=_AXIS, right=_AXIS),
        annotations=_object([], horizontal=_list(_LINE, 500)),
    ),
    "text": _object(["markdown"], markdown=_text()),
    "alarm": _object(["alarms"], title=_text(), alarms=_list(_text(), 100)),
}
_WIDGETS = [
    _object(
        ["type", "x", "y", "width", "height", "properties"],
        type={"const": kind},
        x=_integer(0, COLUMNS - 1),
        y=_integer(0, 10_000),
        width=_integer(1, COLUMNS),
        height=_integer(1, 1000),
        properties=properties,
    )
    for kind, properties in _PROPERTIES.items()
]
SCHEMA = _object(
    ["widgets"],
    start=_text("^-PT?[0-9]+[HDW]$"),
    periodOverride={"enum": ["auto", "inherit"]},
    widgets=_list({"oneOf": _WIDGETS}, 500),
)
