"""The one door of the API. Every route passes, in this order:

credential → rate limit → scope and plan → version → body and query → idempotency → one transaction → view → representation →
headers → request log. Refusals of any step become one problem document. `endpoint` also keeps each operation, from which
OpenAPI and the tests over all endpoints are made, and refuses at import a route that does not say which scope it needs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from functools import wraps
from typing import Any
from typing import Unpack

import orjson
from flask import Blueprint
from flask import Response
from flask import g
from flask import request

from accounts.plans.catalog import lowest_tier_with
from accounts.plans.scopes import SCOPES
from api.addresses import base_url
from api.answers import ApiResponse
from api.answers import add_etag
from api.answers import kept_headers
from api.answers import replayed
from api.auth import Principal
from api.auth import authenticate
from api.auth import cache
from api.auth import scheme_and_text
from api.disturbances import Disturbance
from api.disturbances import disturbance_of
from api.downloads import file_response
from api.errors import problem_response
from api.errors import refusal_of
from api.idempotency import Answer
from api.idempotency import Claim
from api.idempotency import claim
from api.leaks import refuse_leaked
from api.limits import Verdict
from api.limits import limiter
from api.loading import Loader
from api.operations import PUBLIC
from api.operations import Call
from api.operations import NoQuery
from api.operations import Operation
from api.operations import Promise
from api.operations import Reply
from api.operations import gate_settings
from api.operations import operations
from api.places import only_here
from api.places import require_here
from api.places import require_located
from api.proofs import ensure_holder
from api.reading import is_plain_text
from api.reading import load_body
from api.reading import load_query
from api.reading import parse_json
from api.reading import read_body
from api.replays import replays
from api.requestlog import Entry
from api.requestlog import request_log
from api.requestlog import sent_headers
from api.versions import CURRENT
from api.versions import HEADERS
from api.versions import VERSIONS
from api.versions import downgrade
from api.versions import upgrade
from api.views import compile_view
from kit.clock import now_us
from kit.errors import BadRequest
from kit.errors import Forbidden
from kit.errors import NotFound
from kit.errors import PlanRequired
from kit.errors import RateLimited
from kit.errors import UnsupportedVersion
from kit.ids import new_id
from kit.jobs import doorbell
from kit.planes import Environment
from kit.unit import control_unit
from kit.unit import unit_of_work

JSON = "application/json"
VERSION_KEYS = tuple("HTTP_" + name.upper().replace("-", "_") for name in HEADERS)
EMPTY_QUERY = Loader(NoQuery())
STEERING = {"control": 600, "listener": 3000}  # buckets of the sandbox that no plan changes: calls a minute


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    scope: str,
    bucket: str | Callable[[bytes], str] = "",
    cost: int = 1,
    plane: str = "data",
    sandbox_only: bool = False,
    **promise: Unpack[Promise],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a view as an endpoint of a product.

    scope: the scope a credential needs, or PUBLIC. plane: `data` opens the tenant's transaction around the view,
    `control` the control plane's, `none` leaves transactions to the view. promise: what the operation takes and gives.
    Raises TypeError at import when scope is none of the catalogue.
    """
    if scope != PUBLIC and scope not in SCOPES:
        raise TypeError(f"{method} {path} must say which scope it needs, of accounts.plans.scopes")

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        operation = Operation(
            name=f"{blueprint.name}.{view.__name__}", docstring=view.__doc__ or "", method=method,
            path=(blueprint.url_prefix or "") + path, product=blueprint.name, scope=scope,
            bucket=bucket if isinstance(bucket, str) and bucket else "read" if method == "GET" else "write", **promise,
        )  # fmt: skip
        operations.append(operation)
        gate = _Gate(operation, view, cost=cost, plane=plane, sandbox_only=sandbox_only, choose_bucket=bucket)

        @wraps(view)
        def run(**arguments: str) -> Response:
            return gate.handle(arguments)

        blueprint.add_url_rule(path, view.__name__, run, methods=[method])
        return view

    return register


class _Gate:
    """The steps of one endpoint."""

    def __init__(
        self, operation: Operation, view: Callable[..., Any], *, cost: int, plane: str, sandbox_only: bool, choose_bucket: Any
    ) -> None:
        self._operation = operation
        self._view = view
        self._cost = cost
        self._plane = plane
        self._sandbox_only = sandbox_only
        self._choose_bucket = choose_bucket if callable(choose_bucket) else None
        self._body = Loader(operation.body()) if operation.body else None
        self._query = Loader(operation.query()) if operation.query else EMPTY_QUERY
        self._no_query: dict[str, Any] | None = None if self._query.has_required else self._query.load({})
        self._dump = compile_view(operation.returns) if operation.returns else _same
        self._shape = operation.printed or operation.returns
        self._route = operation.path.replace("<", "{").replace(">", "}")

    def handle(self, arguments: dict[str, str]) -> Response:
        """Run one request to its answer. Never raises."""
        started = time.perf_counter_ns()
        trace = Trace(new_id("req"), request.environ)
        g.request_id = trace.request_id
        try:
            response = self._answer(trace, arguments)
        except Exception as error:  # noqa: BLE001 - the edge: every failure becomes an answer, unknown ones are logged
            refusal = refusal_of(error)
            if isinstance(refusal, RateLimited):
                trace.verdict = getattr(refusal, "verdict", trace.verdict)
            response = problem_response(refusal, trace.request_id)
            trace.error_code = refusal.code
        self._close_claim(trace, response)
        if trace.disturbance is not None:
            response = trace.disturbance.after(response, lambda refusal: problem_response(refusal, trace.request_id))
        self._finish(trace, response, started)
        return response

    def _answer(self, trace: "Trace", arguments: dict[str, str]) -> Response:
        principal = self._admit(trace)
        raw = trace.raw
        authorize(self._operation, principal, sandbox_only=self._sandbox_only)
        if principal.scope.location_ids:
            require_located(self._operation, plane=self._plane)
        if (disturbance := disturbance_of(principal, self._operation)) is not None:
            trace.disturbance = disturbance
            disturbance.before()
        if not all(is_plain_text(argument) for argument in arguments.values()):
            raise NotFound()
        version = trace.version = _version(principal, trace.environ)
        scope = replace(principal.scope, request_id=trace.request_id)
        call = Call(principal, scope, trace.request_id, version, operation=self._operation)
        key = trace.environ.get("HTTP_IDEMPOTENCY_KEY") if self._operation.writes else None
        if key is not None:
            claimed = claim(
                scope, key=key, credential_id=principal.credential_id, method=request.method,
                target=request.full_path, raw=raw,
            )  # fmt: skip
            if isinstance(claimed, Answer):
                return replayed(claimed)
            trace.claim = claimed
        no_query = None if trace.environ.get("QUERY_STRING") else self._no_query
        call.query = load_query(self._query, request) if no_query is None else dict(no_query)
        if self._body is not None:
            sent = parse_json(request, raw) if raw else {}
            if version != CURRENT:
                sent = upgrade(version, type(self._body.schema), sent)
            call.body = load_body(self._body, sent)
        return self._run(trace, call, arguments)

    def _admit(self, trace: "Trace") -> Principal:
        """Authenticate the caller, read the body (the bucket may depend on it) and take a permit.

        Every refusal after this one carries the rate limit headers and costs its caller a permit.
        """
        if "tp_" in trace.environ.get("QUERY_STRING", ""):
            refuse_leaked(trace.environ["QUERY_STRING"])
        known = cache.epoch
        principal = authenticate(trace.environ.get("HTTP_AUTHORIZATION"), trace.environ.get("REMOTE_ADDR") or "")
        if principal.jkt is not None:
            _ensure_holder(principal.jkt, trace.environ)
        trace.principal = principal
        try:
            if self._operation.writes:
                trace.raw = read_body(request, gate_settings.max_body_bytes)
        finally:
            bucket = self._choose_bucket(trace.raw) if self._choose_bucket is not None else self._operation.bucket
            self._limit(trace, principal, bucket, known)
        return trace.principal

    def _limit(self, trace: "Trace", principal: Principal, bucket: str, known: str) -> None:
        limit = STEERING.get(bucket) or principal.tier.limits.get(bucket) or principal.tier.limits.get("write")
        quota = 0 if self._operation.is_background else principal.tier.daily_quota or 0
        trace.verdict = limiter.take(
            principal.limiter_key, bucket, limit or 60, cost=self._cost, day_quota=quota, burst=principal.tier.burst
        )
        if trace.verdict.epoch is not None and trace.verdict.epoch != known:
            # Something was revoked since this credential was looked up: look again before anything is done for it.
            cache.observe(trace.verdict.epoch)
            trace.principal = authenticate(trace.environ.get("HTTP_AUTHORIZATION"), trace.environ.get("REMOTE_ADDR") or "")
            if trace.principal.tier is not principal.tier:
                self._limit(trace, trace.principal, bucket, cache.epoch)  # a sandbox plays another plan now

    def _run(self, trace: "Trace", call: Call, arguments: dict[str, str]) -> Response:
        if self._plane == "none":
            reply = self._view(call, **arguments)
            return self._render(trace, call, reply)
        if self._plane == "control":
            with control_unit(writes=self._operation.writes):
                reply = self._view(call, **arguments)
            return self._render(trace, call, reply)
        with unit_of_work(call.scope, writes=self._operation.writes) as unit:
            if call.scope.location_ids:
                require_here(call, self._operation, arguments)
            reply = self._view(call, **arguments)
            if call.scope.location_ids:
                reply = only_here(call, self._operation, reply)
            response = self._render(trace, call, reply)
            if trace.claim is not None:
                trace.claim.store(response.status_code, kept_headers(response), response.get_data())
            if self._operation.writes:
                unit.after_commit.append(lambda: _ring(unit.memo, call.scope.environment))
        trace.claim = None  # the answer was committed with the work
        return response

    def _render(self, trace: "Trace", call: Call, reply: Any) -> Response:
        reply = reply if isinstance(reply, Reply) else Reply(document=reply)
        if reply.refusal is not None:
            trace.error_code = reply.refusal.code
            return problem_response(reply.refusal, call.request_id)
        if reply.file is not None:
            return file_response(reply.file)
        if reply.payload is not None:
            payload = reply.payload
            if self._operation.is_list:
                payload = {**payload, "data": [self._dump(row) for row in payload["data"]]}
        else:
            payload = None if reply.document is None else self._dump(reply.document)
        if call.version != CURRENT and payload is not None:
            payload = downgrade(call.version, self._shape, payload, is_list=self._operation.is_list)
        body = b"" if payload is None else orjson.dumps(payload)
        response = ApiResponse(body, status=reply.status or self._operation.status, content_type=JSON)
        for name, value in reply.headers.items():
            response.headers[name] = value
        add_etag(response, reply.document)
        return response

    def _close_claim(self, trace: "Trace", response: Response) -> None:
        """Keep the answer of a claim that no transaction has kept, or give the key back when a retry may mend it."""
        if trace.claim is None:
            return
        try:
            if response.status_code == 429 or response.status_code >= 500:
                trace.claim.release()
            else:
                trace.claim.store_aside(response.status_code, kept_headers(response), response.get_data())
        except Exception as error:  # noqa: BLE001 - the answer is made; the claim's lease ends by itself
            refusal_of(error)

    def _finish(self, trace: "Trace", response: Response, started: int) -> None:
        headers = response.headers
        principal = trace.principal
        if principal is None:
            headers["X-Request-Id"] = trace.request_id
            return
        # Our own words, so they need none of the checks that cost more than everything else here.
        plain = headers._list  # noqa: SLF001 - the list behind werkzeug's headers
        plain += (
            ("X-Request-Id", trace.request_id), ("X-Environment", principal.environment.value),
            (HEADERS[0], trace.version), ("X-Content-Type-Options", "nosniff"),
        )  # fmt: skip
        if trace.verdict is not None:
            plain += trace.verdict.headers()
        if principal.jkt is not None:
            plain.append(("DPoP-Nonce", replays.new_nonce()))
        if self._operation.is_background and response.status_code < 400:
            return
        environ = trace.environ
        request_log.add(
            Entry(
                scope=principal.scope, request_id=trace.request_id, credential_id=principal.credential_id,
                kid=principal.kid, product=self._operation.product, method=environ["REQUEST_METHOD"], path=request.path,
                query=environ.get("QUERY_STRING", ""), route=self._route, area=self._operation.area,
                bucket=trace.verdict.bucket if trace.verdict else self._operation.bucket, status=response.status_code,
                error_code=trace.error_code, duration_us=(time.perf_counter_ns() - started) // 1000, at_us=now_us(),
                kept_days=principal.log_days, ip=environ.get("REMOTE_ADDR", ""), request_headers=sent_headers(environ),
                request_body=trace.raw, response_headers=plain, response_body=response.get_data(),
            )
        )  # fmt: skip


def authorize(operation: Operation, principal: Principal, *, sandbox_only: bool) -> None:
    """Raise unless a credential's environment, product, plan and scopes let it call an operation: the gate's one decision.

    Raises NotFound for what does not exist in its environment, Forbidden (403) or PlanRequired (403).
    """
    if sandbox_only and principal.environment == Environment.PRODUCTION:
        raise NotFound()
    if principal.product != operation.product and not sandbox_only:
        raise Forbidden(
            f"This is a {principal.product} credential; this endpoint belongs to {operation.product}.",
            required_scopes=[] if operation.scope == PUBLIC else [operation.scope],
        )
    # A sandbox that plays a small plan must still be steerable.
    if operation.area not in principal.tier.core_areas and not sandbox_only:
        raise PlanRequired(
            f"The {principal.tier.label} plan does not include {operation.area}.",
            required_plan=lowest_tier_with(operation.area),
            docs="/docs/plans",
        )
    if operation.scope != PUBLIC and operation.scope not in principal.scopes:
        raise Forbidden(f"This needs the scope {operation.scope}.", required_scopes=[operation.scope])


@dataclass(slots=True)
class Trace:
    """What the gate has learned about a request so far."""

    request_id: str
    environ: dict[str, Any]
    principal: Principal | None = None
    verdict: Verdict | None = None
    claim: Claim | None = None
    error_code: str | None = None
    raw: bytes = b""
    disturbance: Disturbance | None = None  # what a sandbox was told to let go wrong
    version: str = CURRENT


def _ensure_holder(jkt: str, environ: dict[str, Any]) -> None:
    """A bound token works with a proof of its key for this very request; a request that fails here costs no permit."""
    _, token = scheme_and_text(environ["HTTP_AUTHORIZATION"])
    ensure_holder(environ.get("HTTP_DPOP"), jkt=jkt, method=request.method, url=base_url() + request.path, token=token)


def _version(principal: Principal, environ: dict[str, Any]) -> str:
    for key in VERSION_KEYS:
        wanted = environ.get(key)
        if wanted is not None:
            if wanted not in VERSIONS:
                raise UnsupportedVersion(f"{wanted[:40]!r} is not a version; the newest is {CURRENT}.", versions=list(VERSIONS))
            return wanted
    return principal.api_version


def expected_version(call: Call) -> int | None:
    """The version a write expects, from If-Match or the body. Raises BadRequest for a malformed If-Match."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return call.body.get("version") if isinstance(call.body, dict) else None
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise BadRequest('If-Match must be an ETag this API gave out, such as "3".', parameter="If-Match")
    return int(text)


def _ring(memo: dict[str, Any], environment: Environment) -> None:
    if memo.get("events"):
        doorbell.ring("pump", environment)
    if memo.get("is_due"):
        doorbell.ring("timers", environment)


def _same(document: Any) -> Any:
    return document
