"""The part in use of CloudWatch's "Dashboard Body Structure and Syntax", as a JSON schema."""

COLUMNS = 24
_TEXT = {"type": "string", "minLength": 1}
_OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][A-Za-z0-9_]*$"},
        "label": _TEXT,
        "expression": _TEXT,
        "color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
        "period": {"type": "integer", "minimum": 60, "multipleOf": 60},
        "stat": {
            "type": "string",
            "pattern": "^(Sum|Average|Minimum|Maximum|SampleCount|p[0-9]+)$",
        },
        "visible": {"type": "boolean"},
        "yAxis": {"enum": ["left", "right"]},
    },
}
_AXIS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"label": _TEXT, "min": {"type": "number"}, "showUnits": {"type": "boolean"}},
}
_METRIC_PROPERTIES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "region", "metrics"],
    "properties": {
        "title": _TEXT,
        "region": {"type": "string", "pattern": "^[a-z]{2}-[a-z]+-[0-9]$"},
        "view": {"enum": ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]},
        "stacked": {"type": "boolean"},
        "period": {"type": "integer", "minimum": 60, "multipleOf": 60},
        "stat": _OPTIONS["properties"]["stat"],  # type: ignore[index]
        "metrics": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "items": {
                "oneOf": [
                    {
                        "type": "array",
                        "prefixItems": [_OPTIONS | {"required": ["expression", "id"]}],
                        "items": False,
                    },
                    {
                        "type": "array",
                        "minItems": 2,
                        "prefixItems": [_TEXT, _TEXT],
                        "items": {"oneOf": [_TEXT, _OPTIONS]},
                    },
                ]
            },
        },
        "yAxis": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"left": _AXIS, "right": _AXIS},
        },
        "annotations": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "horizontal": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["value"],
                        "properties": {"label": _TEXT, "value": {"type": "number"}},
                    },
                }
            },
        },
    },
}
_PROPERTIES = {
    "metric": _METRIC_PROPERTIES,
    "text": {
        "type": "object",
        "additionalProperties": False,
        "required": ["markdown"],
        "properties": {"markdown": _TEXT},
    },
    "alarm": {
        "type": "object",
        "additionalProperties": False,
        "required": ["alarms"],
        "properties": {
            "title": _TEXT,
            "alarms": {"type": "array", "minItems": 1, "maxItems": 100, "items": _TEXT},
        },
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["widgets"],
    "properties": {
        "start": {"type": "string", "pattern": "^-PT?[0-9]+[HDW]$"},
        "periodOverride": {"enum": ["auto", "inherit"]},
        "widgets": {
            "type": "array",
            "maxItems": 500,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["type", "x", "y", "width", "height", "properties"],
                        "properties": {
                            "type": {"const": kind},
                            "x": {"type": "integer", "minimum": 0, "maximum": COLUMNS - 1},
                            "y": {"type": "integer", "minimum": 0},
                            "width": {"type": "integer", "minimum": 1, "maximum": COLUMNS},
                            "height": {"type": "integer", "minimum": 1, "maximum": 1000},
                            "properties": properties,
                        },
                    }
                    for kind, properties in _PROPERTIES.items()
                ]
            },
        },
    },
}
