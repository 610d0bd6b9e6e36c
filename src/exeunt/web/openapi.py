"""The OpenAPI 3.1 document of the API, built from its questions; columns come from the record's own schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final, cast

from exeunt import __version__
from exeunt.answers import json_schema
from exeunt.record.schema import Column
from exeunt.web import jobs
from exeunt.web.api import QUESTIONS, Question
from exeunt.web.query import FORMAT, LONGEST_TEXT, Param
from exeunt.words import word

Schema = dict[str, Any]
KINDS: Final = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
TEXT: Final[Schema] = {"type": "string"}
MESSAGES: Final = ("reason", "branches", "claim")
MESSAGE: Final[Schema] = {"type": "object", "properties": {"code": TEXT, "values": {"type": "object"}}}
MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}


def column_schema(column: Column, lists: frozenset[str]) -> Schema:
    """JSON Schema of one column: everything may be empty, closed words are listed."""
    told: Schema = {"description": column.meaning}
    if column.name in MESSAGES:
        return {**told, "type": "array", "items": MESSAGE}
    if column.name in lists:
        return {**told, "type": "array", "items": TEXT}
    if column.words:
        return {**told, "enum": [*column.words, None]}
    return {**told, "type": [KINDS[column.kind], "null"]}


def row_schema(question: Question) -> Schema:
    """JSON Schema of one row of an answer."""
    properties = {c.name: column_schema(c, question.lists) for c in question.columns}
    if question.rows is not None:
        own = json_schema(question.rows)[1][question.rows.__name__]["properties"]
        properties |= {name: own[name] for name in properties if name in own}
    if question.name == "record":
        entry = {"type": "object", "properties": {"table": TEXT, "rows": {"type": "integer"}}}
        properties["tables"] = {"type": "array", "items": entry, "description": "its tables"}
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False
    }  # fmt: skip


def parameter(param: Param) -> Schema:
    """One parameter of a query."""
    if param.kind == "whole":
        schema: Schema = {"type": "integer", "minimum": param.least, "maximum": param.most}
    elif param.kind == "choice":
        schema = {"type": "string", "enum": list(param.words)}
    elif param.kind == "day":
        schema = {"type": "string", "format": "date", "pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"}
    else:
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    if param.default is not None:
        schema["default"] = param.default
    return {
        "name": param.name, "in": "query", "required": param.required, "schema": schema,
        "description": word(f"web.param.{param.name}", "en"),
    }  # fmt: skip


def _problem(said: str) -> Schema:
    return {
        "description": said,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


PROBLEMS: Final = {
    "400": "a parameter or the body cannot be read", "403": "started by a page of another site",
    "404": "no such name", "413": "the request is too large", "414": "the address is too long",
    "415": "the body is no JSON", "421": "asked under another host name", "429": "too many jobs",
}  # fmt: skip


def _problems(*codes: str) -> Schema:
    return {code: _problem(PROBLEMS[code]) for code in codes}


def _get(question: Question) -> Schema:
    row = row_schema(question)
    content = {
        "application/json": {"schema": row if question.single else {"type": "array", "items": row}},
        "text/csv": {"schema": TEXT},
    }
    return {
        "operationId": question.name,
        "summary": word(f"web.api.{question.name}", "en"),
        "parameters": [parameter(p) for p in (*question.params, FORMAT)],
        "responses": {
            "200": {"description": "the answer", "content": content},
            **_problems("400", "404", "414", "421"),
        },
    }


JOB: Final[Schema] = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "state": {"enum": ["waiting", "running", *jobs.ENDED]},
        "scenario": TEXT,
        **{name: {"type": "integer"} for name in jobs.LIMITS},
        "submitted": TEXT,
        "started": MAYBE_TEXT,
        "ended": MAYBE_TEXT,
        "progress": {
            "type": "object",
            "properties": {"share": {"type": ["number", "null"], "minimum": 0, "maximum": 1}, "says": MAYBE_TEXT},
            "required": ["share", "says"],
        },
        "problem": MAYBE_TEXT,
        "result": {"type": ["object", "null"], "description": "what `exeunt simulate --format json` prints"},
    },
    "required": ["id", "state", "scenario", "worlds", "years", "seed", "submitted", "progress"],
}


def _answer(said: str, schema: Schema) -> Schema:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _job_paths() -> Schema:
    job = {"$ref": "#/components/schemas/Job"}
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}
    wanted = {
        "type": "object",
        "properties": {
            "scenario": {"enum": list(jobs.scenarios())},
            **{name: {"type": "integer", "minimum": a, "maximum": b} for name, (a, b) in jobs.LIMITS.items()},
        },
        "additionalProperties": False,
        "description": f"worlds times years may be {jobs.LARGEST}; defaults: {jobs.DEFAULTS}",
    }
    return {
        "/api/jobs": {
            "get": {
                "operationId": "jobs", "summary": word("web.api.jobs", "en"),
                "responses": {"200": _answer("the jobs", {"type": "array", "items": job}), **_problems("400", "421")},
            },
            "post": {
                "operationId": "submit", "summary": word("web.api.submit", "en"),
                "requestBody": {"required": True, "content": {"application/json": {"schema": wanted}}},
                "responses": {
                    "202": _answer("taken in", job), **_problems("400", "403", "404", "413", "415", "421", "429"),
                },
            },
        },
        "/api/jobs/{id}": {
            "parameters": [number],
            "get": {
                "operationId": "job", "summary": word("web.api.job", "en"),
                "responses": {"200": _answer("the job", job), **_problems("400", "404", "414", "421")},
            },
            "delete": {
                "operationId": "cancel", "summary": word("web.api.cancel", "en"),
                "responses": {"200": _answer("the job", job), **_problems("400", "403", "404", "414", "421")},
            },
        },
    }  # fmt: skip


@cache
def document() -> Schema:
    """Build the document; the same for every server."""
    problem = {
        "type": "object",
        "properties": {
            "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT,
            "matches": {"type": "array", "items": TEXT},
        },
        "required": ["type", "title", "status", "detail"],
    }  # fmt: skip
    parts: Schema = {}
    for question in QUESTIONS:
        if question.rows is not None:
            parts |= json_schema(question.rows)[1]
    found: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": "exeunt",
            "version": __version__,
            "description": word("web.api.lede", "en"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {**{question.path: {"get": _get(question)} for question in QUESTIONS}, **_job_paths()},
        "components": {"schemas": {"Problem": problem, "Job": JOB, **parts}},
    }
    return cast(Schema, json.loads(json.dumps(found)))  # as it is sent
