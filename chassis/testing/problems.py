"""What a response that is a problem (RFC 9457) says, checked to be a complete one."""

from collections.abc import Mapping
from typing import Any, Protocol

from chassis.contracts.media_types import PROBLEM_JSON


class HttpResponse(Protocol):
    """What `httpx.Response` and the like have."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def json(self) -> Any: ...


def problem_of(response: HttpResponse) -> tuple[int, str]:
    """The status and the name of a problem: (409, "ledger-closed") for `/problems/ledger-closed`.

    Raises:
        AssertionError: It is no problem, or its body says another status than its status line.
    """
    assert response.headers["content-type"] == PROBLEM_JSON, response.headers
    body = response.json()
    assert body["status"] == response.status_code, body
    return response.status_code, body["type"].removeprefix("/problems/")


def assert_problem(response: HttpResponse, status: int, name: str, **members: Any) -> None:
    """The response is that problem, with at least these members, such as `detail`."""
    assert problem_of(response) == (status, name)
    body = response.json()
    assert {member: body.get(member) for member in members} == members
