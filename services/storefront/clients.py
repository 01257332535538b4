"""The neighbours, behind the ports. What only reads for a page calls the generated clients by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from generated.clients import auth
from generated.models.auth import Credentials, SessionToken
from generated.models.auth import Tokens as IssuedTokens
from services.storefront.domain import Account, Tokens
from services.storefront.errors import SessionEnded


class AuthServiceClient:
    """`AuthClient`, by the auth service."""

    def __init__(self, client: auth.AuthClient, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now

    async def log_in(self, email: str, password: str, address: str | None) -> tuple[Account, Tokens]:
        credentials = Credentials(email=email, password=password)
        tokens = self._tokens(await self._client.log_in(body=credentials, x_real_ip=address))
        account = await self._client.get_own_account(token=tokens.access_token)
        return Account(account.id, account.email, account.role), tokens

    async def refresh(self, tokens: Tokens) -> Tokens:
        try:
            issued = await self._client.refresh_tokens(body=SessionToken(refresh_token=tokens.refresh_token))
        except auth.RefreshTokenRefused:
            raise SessionEnded from None
        return self._tokens(issued)

    async def log_out(self, tokens: Tokens) -> None:
        await self._client.log_out(body=SessionToken(refresh_token=tokens.refresh_token), token=tokens.access_token)

    def _tokens(self, issued: IssuedTokens) -> Tokens:
        expires_at = self._now() + timedelta(seconds=issued.expires_in)
        return Tokens(issued.access_token, issued.refresh_token, expires_at)
