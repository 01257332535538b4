"""What the links of mails lead to. To open one uses nothing up, as programs that look through mails open them too."""

from chassis.web.responses import Response
from generated.clients.auth import AuthClient
from generated.models.auth import LinkToken, PasswordReset
from generated.models.storefront import EmailVerificationForm, PasswordResetForm
from services.storefront.application.visits import Visit


class AccountHandlers:
    def __init__(self, auth: AuthClient) -> None:
        self._auth = auth

    async def show_password_reset(self, visit: Visit, token: str = "") -> Response:
        return visit.page("reset-password.html", token=token)

    async def choose_password(self, visit: Visit, body: PasswordResetForm) -> Response:
        reset = PasswordReset(token=body.token, password=body.password)
        await self._auth.reset_password(body=reset, x_real_ip=visit.address)
        return visit.see_other("/sign-in")

    async def show_email_verification(self, visit: Visit, token: str = "") -> Response:
        return visit.page("verify-email.html", token=token)

    async def verify_own_email(self, visit: Visit, body: EmailVerificationForm) -> Response:
        await self._auth.verify_email(body=LinkToken(token=body.token))
        return visit.see_other("/account/email-verified")

    async def show_verified_email(self, visit: Visit) -> Response:
        return visit.page("email-verified.html")
