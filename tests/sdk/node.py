"""The TypeScript client as if it were the async one of Python: each call is made in a process of Node."""

import asyncio
import itertools
import json
import re
from base64 import b64decode, b64encode
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec

from tooling.npm import NODE

DRIVER = Path(__file__).parent / "driver.mjs"
IS_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NodeClient:
    """Refusals are raised as Python's client has them, so that one test holds both."""

    def __init__(self, process: asyncio.subprocess.Process, shop_client: ModuleType) -> None:
        self._process, self._shop_client, self.tokens = process, shop_client, None
        self._numbers, self._waiting = itertools.count(), dict[int, asyncio.Future[Any]]()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, package: Path, shop_client: ModuleType, url: str, **settings: Any) -> "NodeClient":
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(NODE, DRIVER, package / "dist" / "index.js", **pipes)
        node = cls(process, shop_client)
        options = {camel(name): to_plain_value(value) for name, value in settings.items()}
        if retry := settings.get("retry"):
            options["retry"] = {camel(name): value for name, value in vars(retry).items()}
        await node._call("new", url, options)
        return node

    async def close(self) -> None:
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def log_in(self, email: str, password: str) -> None:
        await self._call("logIn", {"email": email, "password": password})

    def __getattr__(self, name: str) -> Any:
        return NodeAttribute(self, [name])

    async def _call(self, path: str, *given: Any) -> Any:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"number": number, "path": path, "given": given}).encode() + b"\n")
        return await self._waiting[number]

    async def _read(self) -> None:
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            self.tokens = said.get("tokens") and msgspec.convert(said["tokens"], self._shop_client.models.Tokens)
            waiting = self._waiting.pop(said["number"])
            if error := said.get("error"):
                waiting.set_exception(self._raised(**error))
            else:
                waiting.set_result(attributes(said.get("answer")))

    def _raised(self, name: str, message: str, status: int = 0, problem: Any = None, **more: Any) -> Exception:
        if problem is not None:
            kind = getattr(self._shop_client.problems, name, self._shop_client.ProblemError)
            return kind(status, problem, retry_after=more.get("retryAfter"))
        if name == "UnexpectedResponse":
            return self._shop_client.UnexpectedResponse(status, message)
        assert name == "TransportError", message
        return self._shop_client.TransportError(message)


class NodeAttribute:
    """A service, or a method of one; called with what stands in the path, then all else by name."""

    def __init__(self, node: NodeClient, path: list[str]) -> None:
        self._node, self._path = node, path

    def __getattr__(self, name: str) -> "NodeAttribute":
        return NodeAttribute(self._node, [*self._path, name])

    def __call__(self, *in_path: Any, idempotency_key: str | None = None, **given: Any) -> Any:
        named = [{name: to_plain_value(value) for name, value in given.items()}] if given else []
        key = [{"idempotencyKey": idempotency_key}] if idempotency_key else []
        return self._node._call(".".join(map(camel, self._path)), *map(to_plain_value, in_path), *named, *key)


def camel(words: str) -> str:
    first, *further = words.split("_")
    return first + "".join(word.capitalize() for word in further)


def to_plain_value(value: Any) -> Any:
    """As JSON has it; bytes go as the driver reads them."""
    return {"$bytes": b64encode(value).decode()} if isinstance(value, bytes) else msgspec.to_builtins(value)


def attributes(value: Any) -> Any:
    """An answer as Python's client gives it: members as attributes, ids as UUIDs."""
    if isinstance(value, dict):
        if "$bytes" in value:
            return b64decode(value["$bytes"])
        return SimpleNamespace(**{name: attributes(member) for name, member in value.items()})
    if isinstance(value, list):
        return [attributes(item) for item in value]
    return UUID(value) if isinstance(value, str) and IS_UUID.fullmatch(value) else value
