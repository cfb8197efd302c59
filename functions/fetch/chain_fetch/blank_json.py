"""JSON that says nothing, however it is spelt: `{}`, `[]`, `null`, `{"records": {"data": []}}`.

The exchange answers so, with status 200, when it does not want to answer. Pure.
"""

from codecs import BOM_UTF8

import orjson

# Lists of strikes and expiries without a row are shorter. A longer body is not searched, because
# millions of small values in it would take more memory than a recorder has.
LONGEST_BLANK_BODY = 65_536


def is_blank(value: object) -> bool:
    """Return whether a decoded value holds no text and no number but 0 at any depth."""
    return not any(_leaves(value))


def says_nothing(body: bytes) -> bool:
    """Return whether a body is well-formed JSON that is blank, or has no byte at all."""
    text = body.removeprefix(BOM_UTF8).strip()
    if not text:
        return True
    if len(text) > LONGEST_BLANK_BODY:
        return False
    try:
        return is_blank(orjson.loads(text))
    except orjson.JSONDecodeError:
        return False


def holds_objects_in_lists(value: object) -> bool:
    """Return whether there is a list with an object that is not blank, as rows of a chain are."""
    return any(isinstance(row, dict) and not is_blank(row) for row in _items_of_lists(value))


def _leaves(value: object) -> list[object]:
    """Return what is neither an object nor a list; without recursion, as JSON may nest deeply."""
    leaves, rest = [], [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
        else:
            leaves.append(item.strip() if isinstance(item, str) else item)
    return leaves


def _items_of_lists(value: object) -> list[object]:
    items, rest = [], [value]
    while rest:
        item = rest.pop()
        inner = list(item.values()) if isinstance(item, dict) else item
        if isinstance(item, list):
            items.extend(item)
        if isinstance(inner, list):
            rest.extend(inner)
    return items
