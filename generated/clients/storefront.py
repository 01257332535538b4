# Generated from contracts/storefront.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Storefront 2.0.0, for whoever needs something from it."""

from chassis.web.http_client import Client
from generated.models.common import Health, Info, Readiness


class StorefrontClient(Client):
    """One method per operation of contracts/storefront.yaml, under its operationId."""

    # show_home is left out: it answers people, by pages (text/html).

    # show_search is left out: it answers people, by pages (text/html).

    # show_category is left out: it answers people, by pages (text/html).

    # show_product is left out: it answers people, by pages (text/html).

    # add_to_cart is left out: it answers people, by pages (text/html).

    # show_cart is left out: it answers people, by pages (text/html).

    # change_cart is left out: it answers people, by pages (text/html).

    # accept_price is left out: it answers people, by pages (text/html).

    # show_checkout is left out: it answers people, by pages (text/html).

    # place_order is left out: it answers people, by pages (text/html).

    # show_order is left out: it answers people, by pages (text/html).

    # show_payment is left out: it answers people, by pages (text/html).

    # pay_order is left out: it answers people, by pages (text/html).

    # show_registration is left out: it answers people, by pages (text/html).

    # register_account is left out: it answers people, by pages (text/html).

    # show_sign_in is left out: it answers people, by pages (text/html).

    # sign_in is left out: it answers people, by pages (text/html).

    # sign_out is left out: it answers people, by pages (text/html).

    # show_forgotten_password is left out: it answers people, by pages (text/html).

    # ask_for_password_link is left out: it answers people, by pages (text/html).

    # show_password_link_sent is left out: it answers people, by pages (text/html).

    # show_password_reset is left out: it answers people, by pages (text/html).

    # choose_password is left out: it answers people, by pages (text/html).

    # show_email_verification is left out: it answers people, by pages (text/html).

    # verify_own_email is left out: it answers people, by pages (text/html).

    # show_verified_email is left out: it answers people, by pages (text/html).

    # show_account is left out: it answers people, by pages (text/html).

    # ask_for_verification_link is left out: it answers people, by pages (text/html).

    # show_link_sent is left out: it answers people, by pages (text/html).

    # show_password_change is left out: it answers people, by pages (text/html).

    # change_password is left out: it answers people, by pages (text/html).

    # show_email_change is left out: it answers people, by pages (text/html).

    # change_email is left out: it answers people, by pages (text/html).

    # show_addresses is left out: it answers people, by pages (text/html).

    # keep_address is left out: it answers people, by pages (text/html).

    # drop_address is left out: it answers people, by pages (text/html).

    # show_account_deletion is left out: it answers people, by pages (text/html).

    # delete_account is left out: it answers people, by pages (text/html).

    # show_deleted_account is left out: it answers people, by pages (text/html).

    # show_orders is left out: it answers people, by pages (text/html).

    # show_order_cancellation is left out: it answers people, by pages (text/html).

    # cancel_own_order is left out: it answers people, by pages (text/html).

    # choose_language is left out: it answers people, by pages (text/html).

    # show_office is left out: it answers people, by pages (text/html).

    # show_parcels is left out: it answers people, by pages (text/html).

    # show_parcel is left out: it answers people, by pages (text/html).

    # dispatch_parcel is left out: it answers people, by pages (text/html).

    # correct_parcel is left out: it answers people, by pages (text/html).

    # deliver_parcel is left out: it answers people, by pages (text/html).

    # show_all_orders is left out: it answers people, by pages (text/html).

    # show_any_order is left out: it answers people, by pages (text/html).

    # cancel_any_order is left out: it answers people, by pages (text/html).

    # show_all_products is left out: it answers people, by pages (text/html).

    # show_product_draft is left out: it answers people, by pages (text/html).

    # offer_product is left out: it answers people, by pages (text/html).

    # show_product_details is left out: it answers people, by pages (text/html).

    # edit_product is left out: it answers people, by pages (text/html).

    # switch_sale is left out: it answers people, by pages (text/html).

    # add_picture is left out: it answers people, by pages (text/html).

    # remove_picture is left out: it answers people, by pages (text/html).

    # note_arrival is left out: it answers people, by pages (text/html).

    # note_correction is left out: it answers people, by pages (text/html).

    # show_accounts is left out: it answers people, by pages (text/html).

    # close_account is left out: it answers people, by pages (text/html).

    # reopen_account is left out: it answers people, by pages (text/html).

    # end_account_sessions is left out: it answers people, by pages (text/html).

    # show_mails is left out: it answers people, by pages (text/html).

    # retry_mail is left out: it answers people, by pages (text/html).

    # show_dead_letters is left out: it answers people, by pages (text/html).

    # show_dead_letter is left out: it answers people, by pages (text/html).

    # send_dead_letter_back is left out: it answers people, by pages (text/html).

    # give_dead_letter_up is left out: it answers people, by pages (text/html).

    # get_static_file is left out: it answers files (image/svg+xml, text/css, text/javascript).

    async def get_storefront_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call(
            "get_storefront_health", "GET", "/storefront/health", {200: Health}, {}, safe=True
        )
        return answer

    async def get_storefront_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_storefront_readiness", "GET", "/storefront/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_storefront_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call(
            "get_storefront_info", "GET", "/storefront/v1/_info", {200: Info}, {}, safe=True
        )
        return answer
