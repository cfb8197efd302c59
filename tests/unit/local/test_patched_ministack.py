"""What the rehearsal changes of ministack, as far as it needs no ministack."""

from typing import Any

import pytest

from local.rehearsal.patched_ministack import resolve_texts

TIERS = {"Fn::Split": [",", {"Fn::Join": ["", [{"Ref": "Tiers"}, ",,"]]}]}


def compared(template: dict[str, Any], _parameters: object) -> dict[str, bool]:
    """Evaluate conditions that compare two texts, as ministack does."""
    conditions = template["Conditions"].items()
    return {name: left == right for name, each in conditions for left, right in each.values()}


@pytest.mark.parametrize(
    ("given", "places"),
    [("", []), ("A=5", [0]), ("A=5,B=60", [0, 1]), ("A=5,B=60,C=60", [0, 1, 2])],
)
def test_conditions_know_the_parts_of_a_parameter(given: str, places: list[int]) -> None:
    conditions = {
        str(place): {"Fn::Equals": [{"Fn::Select": [place, TIERS]}, ""]} for place in range(3)
    }
    evaluate = resolve_texts(compared)
    found = evaluate({"Conditions": conditions}, {"Tiers": {"Value": given}})
    assert [int(name) for name, is_empty in found.items() if not is_empty] == places


def test_what_is_no_text_stays_for_ministack() -> None:
    conditions = {"Both": {"Fn::And": [{"Condition": "One"}, {"Ref": "AWS::Region"}]}}
    kept: list[Any] = []

    def keep(template: dict[str, Any], _parameters: object) -> dict[str, bool]:
        kept.append(template["Conditions"])
        return {}

    assert resolve_texts(keep)({"Conditions": conditions}, {}) == {}
    assert kept == [conditions]
