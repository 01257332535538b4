"""One's account, and what the links of mails lead to.

To open such a link uses nothing up, as programs that look through mails open them too.
"""

from uuid import UUID

from msgspec import convert, to_builtins

from chassis.web.access import User
from chassis.web.responses import Response
from generated.clients.auth import AuthClient
from generated.models.auth import (
    AccountDeletion,
    DeliveryAddress,
    EmailChange,
    ForgottenPassword,
    LinkToken,
    PasswordChange,
    PasswordReset,
)
from generated.models.storefront import (
    AccountDeletionForm,
    AddressForm,
    BareForm,
    BeforeSignIn,
    EmailChangeForm,
    EmailVerificationForm,
    ForgottenPasswordForm,
    PasswordChangeForm,
    PasswordResetForm,
)
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import Visit


class AccountHandlers:
    def __init__(self, auth: AuthClient, sessions: Sessions) -> None:
        self._auth, self._sessions = auth, sessions

    async def show_forgotten_password(self, visit: Visit) -> Response:
        return visit.page("forgotten-password.html")

    async def ask_for_password_link(self, visit: Visit, body: ForgottenPasswordForm) -> Response:
        await self._auth.request_password_reset(body=ForgottenPassword(email=body.email), x_real_ip=visit.address)
        return visit.see_other("/forgotten-password/sent")

    async def show_password_link_sent(self, visit: Visit) -> Response:
        return visit.page("link-sent.html")

    async def show_password_reset(self, visit: Visit, token: str = "") -> Response:
        return visit.page("reset-password.html", token=token)

    async def choose_password(self, visit: Visit, body: PasswordResetForm) -> Response:
        reset = PasswordReset(token=body.token, password=body.password)
        account = await self._auth.reset_password(body=reset, x_real_ip=visit.address)
        await visit.end_all_sessions(account.id)
        return visit.see_other(f"/sign-in?after={BeforeSignIn.PASSWORD_RESET.value}")

    async def show_email_verification(self, visit: Visit, token: str = "") -> Response:
        return visit.page("verify-email.html", token=token)

    async def verify_own_email(self, visit: Visit, body: EmailVerificationForm) -> Response:
        await self._auth.verify_email(body=LinkToken(token=body.token))
        return visit.see_other("/account/email-verified")

    async def show_verified_email(self, visit: Visit) -> Response:
        return visit.page("email-verified.html")

    async def show_account(self, visit: Visit) -> Response:
        return visit.page("account.html", account=await self._auth.get_own_account(token=await visit.token()))

    async def ask_for_verification_link(self, visit: Visit, body: BareForm) -> Response:
        await self._auth.request_verification(x_real_ip=visit.address, token=await visit.token())
        return visit.see_other("/account/mail-sent")

    async def show_link_sent(self, visit: Visit) -> Response:
        return visit.page("link-sent.html")

    async def show_password_change(self, visit: Visit) -> Response:
        return visit.page("change-password.html")

    async def change_password(self, visit: Visit, body: PasswordChangeForm) -> Response:
        token = await visit.token()
        account = await self._auth.get_own_account(token=token)  # whose address may be another one than at signing in
        change = PasswordChange(current_password=body.current_password, new_password=body.password)
        await self._auth.change_own_password(body=change, x_real_ip=visit.address, token=token)
        await visit.end_all_sessions(account.id)
        visit.session = await self._sessions.sign_in(
            account.email, body.password, address=visit.address, instead_of=None
        )
        return visit.see_other("/account")

    async def show_email_change(self, visit: Visit) -> Response:
        return visit.page("change-email.html")

    async def change_email(self, visit: Visit, body: EmailChangeForm) -> Response:
        change = EmailChange(email=body.email, password=body.current_password)
        await self._auth.change_own_email(body=change, x_real_ip=visit.address, token=await visit.token())
        return visit.see_other("/account/mail-sent")

    async def show_addresses(self, visit: Visit) -> Response:
        addresses = await self._auth.list_addresses(token=await visit.token())
        return visit.page("addresses.html", addresses=addresses.items)

    async def keep_address(self, visit: Visit, body: AddressForm) -> Response:
        address = convert(to_builtins(body), DeliveryAddress)  # but for the form's token
        await self._auth.save_address(body=address, token=await visit.token())
        return visit.see_other("/account/addresses")

    async def drop_address(self, visit: Visit, address_id: UUID, body: BareForm) -> Response:
        await self._auth.remove_address(address_id=address_id, token=await visit.token())
        return visit.see_other("/account/addresses")

    async def show_account_deletion(self, visit: Visit) -> Response:
        return visit.page("delete-account.html")

    async def delete_account(self, visit: Visit, user: User, body: AccountDeletionForm) -> Response:
        deletion = AccountDeletion(password=body.current_password)
        await self._auth.delete_own_account(body=deletion, x_real_ip=visit.address, token=await visit.token())
        await visit.end_all_sessions(user.id)
        return visit.see_other("/account/deleted")

    async def show_deleted_account(self, visit: Visit) -> Response:
        return visit.page("account-deleted.html")
