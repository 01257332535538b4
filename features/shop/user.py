"""Somebody with an account at the shop."""

from features.shop.gateway import Gateway
from generated.models.auth import Credentials, Tokens


class User:
    def __init__(self, gateway: Gateway, email: str, password: str) -> None:
        self.email, self.password = email, password
        self._gateway = gateway
        self._tokens: Tokens | None = None

    @property
    def token(self) -> str | None:
        return self._tokens.access_token if self._tokens else None

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request theirs, once they are logged in."""
        assert self._tokens, f"{self.email} is not logged in"
        return {"Authorization": f"Bearer {self.token}"}

    async def log_in(self, password: str | None = None) -> None:
        credentials = Credentials(email=self.email, password=password or self.password)
        self._tokens = await self._gateway.auth.log_in(body=credentials)
