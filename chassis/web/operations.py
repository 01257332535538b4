"""One operation of a contract, made at start into one coroutine: parameters, body, handler, answer, all checked."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, get_args, get_type_hints
from uuid import UUID

from msgspec import Struct, ValidationError, convert
from starlette.types import Receive, Scope

from chassis.contracts import openapi
from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import FORM, JSON, PROBLEM_JSON
from chassis.contracts.openapi import Access
from chassis.contracts.schemas import Schema, SchemaError
from chassis.contracts.texts import InvalidText, Normalizer, normalizer_for
from chassis.runtime.deadline import TIMEOUT_HEADER, start_deadline
from chassis.web.access import ANONYMOUS, Authorizer, Principal, User
from chassis.web.concurrency import ConcurrencyLimit
from chassis.web.idempotency import IdempotencyKey, IdempotencyKeyStore, fingerprint, unquote_key
from chassis.web.parameters import PARSERS_BY_TYPE, Parameter
from chassis.web.problems import InvalidRequest, ResponseContractViolation, Unavailable
from chassis.web.request_parsing import accepted_media_type, form_values, parse_query, parse_strict_json, read_body
from chassis.web.response_contract import ResponseContract
from chassis.web.responses import Response, WireResponse

# Types of parameters that need no conversion once they are read.
UNCONVERTED_TYPES = (str, int, float, bool, str | None, int | None, float | None, bool | None)
INJECTED_ARGUMENTS = {
    "body",
    "raw_body",
    "user",
    "owner",
    "caller",
}  # what a handler may ask for besides its parameters
TIMEOUT_HEADER_NAME = TIMEOUT_HEADER.lower().encode()
IDEMPOTENCY_KEY_ARGUMENT = "idempotency_key"  # the argument that is Idempotency-Key

Handler = Callable[..., Awaitable[Response]]


class AdmittedRequest(NamedTuple):
    """A request that was let in: who asks, and what is common to every way of serving it."""

    granted: Principal
    path: str
    query: list[tuple[str, str]]
    raw: bytes = b""
    kind: str = ""
    value: Any = None
    page: Any = None  # the request for a page (pages.py)


# Serves an admitted request elsewhere: scope, operation, what was admitted, and the headers by their names.
Forward = Callable[[Scope, "CompiledOperation", AdmittedRequest, Mapping[bytes, bytes]], Awaitable[WireResponse]]


class CompiledOperation:
    """Everything about one operation that can be known before the first request."""

    refusals = PROBLEM_JSON  # the media type in which the chassis refuses
    injected = INJECTED_ARGUMENTS

    def __init__(
        self,
        spec: openapi.Operation,
        handler: Handler,
        authorizer: Authorizer,
        limit: int,
        idempotency: IdempotencyKeyStore | None = None,
    ) -> None:
        access = spec.access
        self.name, self.external = spec.id, access.external
        self._handler, self._limit = handler, limit
        self._authorizer = None if access.public and not access.optional_token else authorizer
        self.media = frozenset(spec.request_content)
        self._compiled_kind = next((kind for kind in (JSON, FORM) if self.media == {kind}), None)
        self._body_required = spec.request_body is not None and spec.request_body.required
        self.left_to_connexion = self._compile(spec, set(inspect.signature(handler).parameters))
        kind = self._compiled_kind
        self._bind(handler, access, spec.request_content[kind].schema.name if kind else "")
        self._keyed = IDEMPOTENCY_KEY_ARGUMENT in self.arguments
        self._idempotency = self._executing_once(access, idempotency) if self._keyed else None
        self._answers = ResponseContract(self.name, spec.responses, refusals=self.refusals)
        self._concurrency = self._limiting(spec.max_concurrent)
        self.revalidates = self._answers.revalidates
        if self.revalidates and "if-none-match" not in {p.name.lower() for p in spec.parameters}:
            raise ContractError(f"{self.name} answers 304, so it has the parameter If-None-Match")
        self._answers.require(
            ({401} if self._authorizer is not None else set())
            | ({403} if access.roles else set())
            | ({400} if self.arguments or self.media else set())
            | ({413, 415} if self.media else set())
            | ({422} if self._keyed else set())
        )

    def _compile(self, spec: openapi.Operation, wanted: set[str]) -> str | None:
        """Prepare parameters and body; say why not, where Connexion has to serve the operation."""
        self.arguments, self._optional = {}, set[str]()
        self._defaults: dict[str, Any] = {}
        self._of: dict[str, dict[str, Parameter]] = {"path": {}, "query": {}, "header": {}}
        self._normalizers: list[tuple[str, str, Normalizer]] = []
        reason = None
        for p in spec.parameters:
            schema, where, argument = p.schema.inlined, p.location, re.sub(r"\W", "_", p.name).lower()
            self.arguments[argument] = p.name if where == "header" else None
            if argument in wanted and (normalize := normalizer_for(schema)) is not None:
                self._normalizers.append((argument, f"/{where}/{p.name}", normalize))
            if "default" in schema and not Schema(schema).is_valid(schema["default"]):
                raise ContractError(f"{self.name}: the default of {p.name} is not what the contract allows")
            if "default" in schema and argument in wanted:
                self._defaults[argument] = schema["default"]
            elif not p.required:
                self._optional.add(argument)
            if (
                where not in self._of
                or schema.get("type") not in PARSERS_BY_TYPE
                or (where != "query" and schema["type"] != "string")
            ):
                reason = f"{where} parameter {p.name}: {schema.get('type')}"
                continue
            name = p.name.lower() if where == "header" else p.name
            self._of[where][name] = Parameter(
                f"/{where}/{p.name}",
                p.required,
                PARSERS_BY_TYPE[schema["type"]],
                Schema(schema),
                argument,
                argument in wanted or argument == IDEMPOTENCY_KEY_ARGUMENT,
            )
        self._pointers = {p.argument: p.pointer for group in self._of.values() for p in group.values()}
        self._headers = [(name.encode(), p) for name, p in self._of["header"].items()]
        self._required = [p for p in self._of["query"].values() if p.required]
        bodies = {kind: content.schema.inlined for kind, content in spec.request_content.items()}
        body = bodies.get(self._compiled_kind or "")
        self._schema = Schema(body) if body is not None else None
        self._properties = body.get("properties", {}) if body is not None else {}
        form = bodies.get("multipart/form-data", {})
        self.files = {name for name, each in form.get("properties", {}).items() if each.get("format") == "binary"}
        self._normalize_body = normalizer_for(form if body is None else body)
        return reason or (f"body: {', '.join(self.media)}" if self.media and body is None else None)

    def _bind(self, handler: Handler, access: Access, body_model: str) -> None:
        """Find where each argument of the handler comes from."""
        signature, hints = inspect.signature(handler).parameters, get_type_hints(handler)
        if not inspect.iscoroutinefunction(handler) or any(p.kind is p.VAR_KEYWORD for p in signature.values()):
            raise ContractError(f"{self.name}: a handler is async and names its arguments")
        if untyped := signature.keys() - hints.keys():
            raise ContractError(f"{self.name}: {', '.join(sorted(untyped))} has no type")
        given = self.injected | ({"resumed_id"} if IDEMPOTENCY_KEY_ARGUMENT in self.arguments else set())
        if unknown := set(signature) - set(self.arguments) - given:
            raise ContractError(f"{self.name} asks for {', '.join(sorted(unknown))}, which the contract does not have")
        for name in (self._optional | {"resumed_id"} | (set() if self._body_required else {"body"})) & set(signature):
            if signature[name].default is inspect.Parameter.empty:
                raise ContractError(f"{self.name}: {name} is optional in the contract, so it needs a default")
        known = {User} if access.roles else {User | None} if access.optional_token else set()
        if access.owner != ("owner" in signature) or ("user" in signature and hints["user"] not in known):
            raise ContractError(f"{self.name}: x-access and the handler disagree about the user")
        if "caller" in signature and not access.internal:
            raise ContractError(f"{self.name} asks for a caller, but no internal key is asked for")
        models = [
            hint
            for hint in (hints.get("body"), *get_args(hints.get("body")))
            if isinstance(hint, type) and issubclass(hint, Struct)
        ]
        self._model = models[0] if models else None
        if self._model is not None and self._model.__name__ != body_model:
            said = f"a {body_model}" if body_model else "no schema with a name"
            raise ContractError(f"{self.name}: the body is {said}, the handler expects a {self._model.__name__}")
        if hints.get(IDEMPOTENCY_KEY_ARGUMENT, IdempotencyKey | None) != IdempotencyKey | None:
            raise ContractError(f"{self.name}: {IDEMPOTENCY_KEY_ARGUMENT} is an IdempotencyKey or None")
        self.wanted = {*signature, IDEMPOTENCY_KEY_ARGUMENT}
        self._typed = [
            (name, hints[name])
            for name in signature
            if name in self.arguments and name != IDEMPOTENCY_KEY_ARGUMENT and hints[name] not in UNCONVERTED_TYPES
        ]
        self._wants_key = IDEMPOTENCY_KEY_ARGUMENT in signature
        self._wants_body, self._wants_user = "body" in signature, "user" in signature
        self._wants_caller, self._wants_owner = "caller" in signature, access.owner

    def _limiting(self, concurrent: Any) -> ConcurrencyLimit | None:
        if concurrent is None:
            return None
        if type(concurrent) is not int or concurrent < 1:
            raise ContractError(f"{self.name}: x-max-concurrent is a number of requests")
        self._answers.require_problem(Unavailable)
        return ConcurrencyLimit(self.name, concurrent)

    def _executing_once(self, access: Access, idempotency: IdempotencyKeyStore | None) -> IdempotencyKeyStore | None:
        """Who sees to it that a request with an Idempotency-Key is executed once; None where the handler does."""
        if access.public or self.media - {JSON}:
            raise ContractError(f"{self.name}: an Idempotency-Key is for callers that are known, and for JSON")
        if self._wants_key:
            return None
        if idempotency is None:
            raise ContractError(f"{self.name} takes an Idempotency-Key, and the service has no store for it")
        return idempotency

    async def respond(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        found: Mapping[str, str],
        forward: Forward | None,
    ) -> WireResponse:
        """Admit a request and serve it, or have it served where it is forwarded to.

        Raises: ProblemError for what is refused before there is a handler to ask.
        """
        entered = await self.admit(scope, headers, receive)
        start_deadline(headers.get(TIMEOUT_HEADER_NAME))
        limit = self._concurrency
        if limit is not None:
            await limit.enter(receive)
        try:
            return await (
                self.run(entered, found, headers) if forward is None else forward(scope, self, entered, headers)
            )
        finally:
            if limit is not None:
                limit.leave()

    async def admit(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> AdmittedRequest:
        """Access and admission: the same for every operation, compiled or not."""
        granted = await self._grant(self._authorizer, headers) if self._authorizer is not None else ANONYMOUS
        said = scope["query_string"]
        query = parse_query(said) if said else []
        if not self.media:
            return AdmittedRequest(granted, scope["path"], query)
        if (
            not self._body_required
            and headers.get(b"content-length", b"0") == b"0"
            and b"transfer-encoding" not in headers
        ):
            return AdmittedRequest(granted, scope["path"], query)
        kind = accepted_media_type(headers, self.media)
        raw = await read_body(headers, receive, self._limit)
        if not raw and self._body_required:
            raise InvalidRequest(errors=[{"pointer": "/body", "rule": "required"}])
        value = None
        if raw and kind == JSON:
            value = parse_strict_json(raw)
        elif kind == FORM:
            value = form_values(raw, self._properties)
        return AdmittedRequest(granted, scope["path"], query, raw, kind, value)

    async def _grant(self, authorizer: Authorizer, headers: Mapping[bytes, bytes]) -> Principal:
        try:
            return await authorizer.authorize(headers)
        except Unavailable as away:
            if not self._answers.allows(away.status):
                raise ResponseContractViolation(
                    f"{self.name}: the signing keys may be away, and no 503 is declared"
                ) from away
            raise

    async def run(
        self, entered: AdmittedRequest, found: Mapping[str, str], headers: Mapping[bytes, bytes]
    ) -> WireResponse:
        """Serve an admitted request, all in one go."""
        values = self._defaults.copy()
        faults: list[SchemaError] = []
        if entered.query or self._required:
            faults = self._from_query(entered.query, values)
        for name, text in found.items():
            faults += self._of["path"][name].parse_into(text, values)
        for key, parameter in self._headers:
            if (said := headers.get(key)) is not None:
                faults += parameter.parse_into(said.decode("latin-1"), values)
            elif parameter.required:
                faults.append({"pointer": parameter.pointer, "rule": "required"})
        if faults:
            raise InvalidRequest(errors=faults)
        if entered.raw and not self._schema.is_valid(entered.value):  # type: ignore[union-attr]
            raise InvalidRequest(errors=self._schema.faults(entered.value, "/body"))  # type: ignore[union-attr]
        return await self.call(values, entered)

    def _from_query(self, query: list[tuple[str, str]], values: dict[str, Any]) -> list[SchemaError]:
        declared, given = self._of["query"], dict(query)
        if not given.keys() <= declared.keys():
            return [{"pointer": "/query", "rule": "additionalProperties"}]
        faults = []
        for name, parameter in declared.items():
            if name not in given:
                if parameter.required:
                    faults.append({"pointer": parameter.pointer, "rule": "required"})
            elif len(given) != len(query) and sum(name == other for other, _ in query) > 1:
                faults.append({"pointer": parameter.pointer, "rule": "type"})
            else:
                faults += parameter.parse_into(given[name], values)
        return faults

    async def call(  # noqa: PLR0912 - a branch is a case
        self, values: dict[str, Any], entered: AdmittedRequest
    ) -> WireResponse:
        """Give the handler what it asks for, by name; check and encode what it answers."""
        for name, at, normalize in self._normalizers:
            if name in values:
                text = _normalized(normalize, values.pop(name), at)
                if text is not None:
                    values[name] = text
        for name, kind in self._typed:
            if name in values:
                try:
                    values[name] = convert(values[name], kind, strict=False)
                except ValidationError:  # a time may be in order and not be one: a leap second, the year 0
                    raise InvalidRequest(errors=[{"pointer": self._pointers[name], "rule": "format"}]) from None
        if self._wants_body and entered.raw:
            body = values.get("body", entered.value)
            if self._normalize_body is not None:
                body = _normalized(self._normalize_body, body, "/body")
            values["body"] = body if self._model is None else convert(body, self._model)
        if "raw_body" in self.wanted:  # every byte of it as it came, for what was made of the bytes, as a signature
            values["raw_body"] = entered.raw
        if self._wants_user:
            values["user"] = entered.granted.user
        if self._wants_owner:
            user = entered.granted.user
            values["owner"] = None if user is None or user.is_admin else user.id
        if self._wants_caller:
            values["caller"] = entered.granted.caller
        if self._keyed and IDEMPOTENCY_KEY_ARGUMENT in values:
            return await self._answered_once(self._key_of(values.pop(IDEMPOTENCY_KEY_ARGUMENT), entered), values)
        return await self._answered(values, may_be_done=True)

    def _key_of(self, header: str, entered: AdmittedRequest) -> IdempotencyKey:
        granted = entered.granted
        caller = str(granted.user.id if granted.user is not None else granted.caller)
        asked = fingerprint(entered.path, sorted(entered.query), entered.value)
        return IdempotencyKey(caller, self.name, unquote_key(header), asked)

    async def _answered_once(self, key: IdempotencyKey, values: dict[str, Any]) -> WireResponse:
        if self._idempotency is None:
            return await self._answered({**values, IDEMPOTENCY_KEY_ARGUMENT: key})

        async def execute(resource_id: UUID | None) -> WireResponse:
            return await self._answered(values if resource_id is None else {**values, "resumed_id": resource_id})

        try:
            return await self._idempotency.execute_once(key, execute)
        except Exception as fault:  # noqa: BLE001 (what the contract does not name is raised again)
            return self._answers.serialize(self._answers.to_problem(fault))

    async def _answered(self, values: dict[str, Any], *, may_be_done: bool = False) -> WireResponse:
        try:
            answer = await self._handler(**values)
        except Exception as fault:  # noqa: BLE001 (what the contract does not name is raised again)
            answer = self._answers.to_problem(fault, may_be_done=may_be_done)
        return self._answers.serialize(answer)

    async def interrupted_reply(self, headers: Mapping[bytes, bytes]) -> WireResponse:
        """The answer to a request that was cut short: with a key it can be repeated, whatever it has done.

        Raises:
            ResponseContractViolation: No 503 is declared.
        """
        has_key = self._keyed and b"idempotency-key" in headers
        return self._answers.serialize(self._answers.to_problem(Unavailable(), may_be_done=not has_key))


def _normalized(normalize: Normalizer, value: Any, at: str) -> Any:
    try:
        return normalize(value, at)
    except InvalidText as error:
        raise InvalidRequest(errors=[{"pointer": error.pointer, "rule": error.rule}]) from None
