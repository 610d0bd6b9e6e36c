"""What every handler needs: answers kept while the record is served, their headers, and the questions of the API."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from exeunt.errors import UsageError
from exeunt.export import encode, frame_of
from exeunt.web import query
from exeunt.web.api import Question, with_format
from exeunt.web.desk import Desk
from exeunt.web.guard import LARGEST_BODY
from exeunt.web.jobs import Jobs
from exeunt.web.problems import Problem

JSON: Final = "application/json"
KEPT_ANSWERS, KEPT_BYTES, LARGEST_KEPT = 600, 64 * 2**20, 2**20
HEAVY_AT_ONCE: Final = 2
Handler = Callable[[Request], Awaitable[Response]]


class Kept:
    """Answers that are asked for again, the least used ones dropped first: the record does not change while it is served."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> tuple[bytes, dict[str, str]] | None:
        """Content and headers of an answer that was given before."""
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        return None

    def put(self, key: str, content: bytes, headers: dict[str, str]) -> None:
        """Keep an answer, unless it is large."""
        if len(content) > LARGEST_KEPT or key in self._found:
            return
        self._found[key] = content, headers
        self._bytes += len(content)
        while len(self._found) > KEPT_ANSWERS or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._found.popitem(last=False)[1][0])


def sent(request: Request, content: bytes, headers: dict[str, str]) -> Response:
    """Send content, or say that the browser has it already."""
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"etag": headers["etag"], "cache-control": "no-cache"})
    return Response(content, headers=headers)


def described(content: bytes, media: str, **more: str) -> dict[str, str]:
    """Headers of an answer that may be kept as long as the server says that it still holds."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    return {"content-type": media, "etag": tag, "cache-control": "no-cache", **more}


def as_json(value: Any) -> bytes:
    """Bytes of plain values."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def rendered(question: Question, rows: Any, form: str, version: str) -> tuple[bytes, dict[str, str]]:
    """Content and headers of an answer; CSV has the columns of the command line's."""
    more = {"exeunt-record": version}
    if form == "json":
        content = as_json(rows)
        return content, described(content, JSON, **more)
    content = encode(frame_of([rows] if question.single else rows, question.columns), "csv", question.columns)
    more["content-disposition"] = f'attachment; filename="exeunt-{question.name}.csv"'
    return content, described(content, "text/csv; charset=utf-8", **more)


class Explorer:
    """What the handlers share.

    Parameters
    ----------
    desk : answers about the record
    jobs : simulations
    """

    def __init__(self, desk: Desk, jobs: Jobs) -> None:
        self.desk = desk
        self.jobs = jobs
        self.kept = Kept()
        self.heavy = asyncio.Semaphore(HEAVY_AT_ONCE)

    def ask(self, question: Question) -> Handler:
        """Make the handler of one question."""

        async def handle(request: Request) -> Response:
            key = f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"
            found = self.kept.get(key)
            if found is None:
                asked = query.read(request.query_params, with_format(question))
                form = asked.pop("format")

                def work() -> tuple[bytes, dict[str, str]]:
                    return rendered(question, question.answer(self.desk, asked), form, self.desk.record.version)

                if question.heavy:
                    async with self.heavy:
                        found = await run_in_threadpool(work)
                else:
                    found = work()
                self.kept.put(key, *found)
            return sent(request, *found)

        return handle

    # --- jobs ----------------------------------------------------------------------------------------------------

    async def jobs_listed(self, request: Request) -> Response:
        """List the jobs, or take one in."""
        if request.method != "POST":
            query.read(request.query_params, ())
            return Response(as_json([job.as_dict(whole=False) for job in self.jobs.all()]), media_type=JSON)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the job as {JSON}.")
        try:
            asked = json.loads(await body_of(request))
        except ValueError:
            raise UsageError("the body is no JSON; send an object such as {}.") from None
        if not isinstance(asked, dict):
            raise UsageError("the body must be a JSON object.")
        job = self.jobs.submit(asked)
        return Response(as_json(job.as_dict()), 202, {"location": f"/api/jobs/{job.id}"}, JSON)

    async def job_told(self, request: Request) -> Response:
        """Tell of one job, or cancel it."""
        query.read(request.query_params, ())
        number = request.path_params["id"]
        if request.method == "DELETE":
            job = await run_in_threadpool(self.jobs.cancel, number)
        else:
            job = self.jobs.get(number)
        return Response(as_json(job.as_dict()), media_type=JSON, headers={"cache-control": "no-store"})


async def body_of(request: Request) -> bytes:
    """Read the body of a request; raises Problem 413 as soon as it is too large, whatever its header says."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_BODY:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request may carry {LARGEST_BODY} bytes.")
    return content
