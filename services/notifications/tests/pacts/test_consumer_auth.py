"""What notifications asks of auth: the token of a link, for one copy of its mail."""

from uuid import UUID

import pytest

from services.notifications.clients import AuthServiceClient
from services.notifications.errors import LinkNotFound
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue

LINK = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f005")
TOKEN = "W1N0b2xlbiBsYW1wIG9uIGEgcXVheSBpbiBHYWx3YXldXQ"


def issue(client):
    return AuthServiceClient(client).issue_token(LINK)


async def test_a_link_has_a_token(consumer):
    token = await consumer("auth")(
        "Notifications composes the mail of a link.",
        "issue_link_token",
        issue,
        path={"link_id": LINK},
        given={"a link was asked for": {"link_id": LINK}},
        response=Response(200, {"token": TOKEN}),
    )

    assert token == TOKEN


async def test_a_link_that_is_gone_is_not_found(consumer):
    with pytest.raises(LinkNotFound):
        await consumer("auth")(
            "Notifications composes the mail of a link that was used.",
            "issue_link_token",
            issue,
            path={"link_id": LINK},
            given={"there is no link": {}},
            response=Response(404, {"type": ExactValue("/problems/link-not-found")}),
        )
