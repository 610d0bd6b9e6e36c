"""Answers are declared once: fields, plain values, schema and sentences follow from the struct."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from exeunt.answers import Answer, Field, Message, fields, item, json_schema
from exeunt.i18n import render


class Sample(Answer, frozen=True, kw_only=True):
    state: Annotated[str, item("code of the state")]
    kind: Annotated[Literal["a", "b"] | None, item("which of two")]
    share: Annotated[float | None, item("part of the whole", unit="share")] = None
    rule: Annotated[Message | None, item("what decided")] = None


def test_fields_follow_from_the_struct() -> None:
    assert fields(Sample) == (
        Field("state", "text", "code of the state", required=True),
        Field("kind", "text", "which of two", ("a", "b")),
        Field("share", "number", "part of the whole", unit="share"),
        Field("rule", "text", "what decided"),
    )


def test_plain_values_and_schema_follow_from_the_struct() -> None:
    sample = Sample(state="USA", kind="a", rule=Message(code="rule.founded", values={"year": 1949}))
    assert sample.as_dict() == {
        "state": "USA", "kind": "a", "share": None, "rule": {"code": "rule.founded", "values": {"year": 1949}},
    }  # fmt: skip
    schema, components = json_schema(Sample)
    assert schema == {"$ref": "#/components/schemas/Sample"}
    assert components["Sample"]["properties"]["state"] == {"type": "string", "description": "code of the state"}


def test_a_field_without_a_meaning_is_refused() -> None:
    class Bare(Answer, frozen=True):
        state: str

    with pytest.raises(TypeError, match=r"Bare\.state has no meaning"):
        fields(Bare)


def test_a_message_is_written_in_each_language() -> None:
    message = Message(code="rule.founded", values={"year": 1949})
    assert render(message, "en") == "The body was founded in 1949."
    assert render(message, "zh-Hant") == "該機構於1949年成立。"
