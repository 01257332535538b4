# Generated from contracts/ by scripts/generate.py. Do not edit.

"""Where every operation is and who may call it, by service and operationId."""

from typing import NamedTuple


class Access(NamedTuple):
    """One operation; the path has the service's prefix. Roles and internal callers together: both are needed."""

    method: str
    path: str
    public: bool = False
    roles: frozenset[str] = frozenset()
    owner: bool = False
    internal: frozenset[str] = frozenset()
    optional_token: bool = False


OPERATIONS: dict[str, dict[str, Access]] = {
    "auth": {
        "register_shopper": Access("POST", "/auth/register", public=True),
        "log_in": Access("POST", "/auth/login", public=True),
        "refresh_tokens": Access("POST", "/auth/refresh", public=True),
        "log_out": Access("POST", "/auth/logout", roles=frozenset(["admin", "customer"])),
        "request_password_reset": Access("POST", "/auth/password/forgotten", public=True),
        "reset_password": Access("POST", "/auth/password/reset", public=True),
        "verify_email": Access("POST", "/auth/email/verify", public=True),
        "list_addresses": Access("GET", "/auth/users/me/addresses", roles=frozenset(["admin", "customer"])),
        "save_address": Access("POST", "/auth/users/me/addresses", roles=frozenset(["admin", "customer"])),
        "remove_address": Access(
            "DELETE", "/auth/users/me/addresses/{address_id}", roles=frozenset(["admin", "customer"])
        ),
        "delete_own_account": Access("POST", "/auth/users/me/delete", roles=frozenset(["admin", "customer"])),
        "request_verification": Access("POST", "/auth/users/me/verification", roles=frozenset(["admin", "customer"])),
        "change_own_email": Access("POST", "/auth/users/me/email", roles=frozenset(["admin", "customer"])),
        "issue_link_token": Access("POST", "/auth/links/{link_id}/token", internal=frozenset(["notifications"])),
        "get_own_account": Access("GET", "/auth/users/me", roles=frozenset(["admin", "customer"])),
        "change_own_password": Access("POST", "/auth/users/me/password", roles=frozenset(["admin", "customer"])),
        "list_accounts": Access("GET", "/auth/users", roles=frozenset(["admin"])),
        "open_account": Access("POST", "/auth/users", roles=frozenset(["admin"])),
        "disable_account": Access("POST", "/auth/users/{user_id}/disable", roles=frozenset(["admin"])),
        "enable_account": Access("POST", "/auth/users/{user_id}/enable", roles=frozenset(["admin"])),
        "log_out_account": Access("POST", "/auth/users/{user_id}/logout", roles=frozenset(["admin"])),
        "get_keys": Access("GET", "/auth/.well-known/jwks.json", public=True),
        "get_auth_health": Access("GET", "/auth/health", public=True),
        "get_auth_readiness": Access("GET", "/auth/health/ready", public=True),
        "get_auth_info": Access("GET", "/auth/v1/_info", public=True),
    },
    "cart": {
        "get_cart": Access("GET", "/cart/v1/cart", roles=frozenset(["admin", "customer"])),
        "add_line": Access("POST", "/cart/v1/cart/items", roles=frozenset(["admin", "customer"])),
        "remove_line": Access("DELETE", "/cart/v1/cart/items/{product_id}", roles=frozenset(["admin", "customer"])),
        "change_line": Access("PATCH", "/cart/v1/cart/items/{product_id}", roles=frozenset(["admin", "customer"])),
        "take_current_price": Access(
            "POST", "/cart/v1/cart/items/{product_id}/price", roles=frozenset(["admin", "customer"])
        ),
        "clear_cart": Access("POST", "/cart/v1/cart/clear", roles=frozenset(["admin", "customer"])),
        "get_cart_of": Access("GET", "/cart/v1/carts/{user_id}", internal=frozenset(["order"])),
        "list_cart_dead_letters": Access("GET", "/cart/v1/admin/dead-letters", roles=frozenset(["admin"])),
        "get_cart_dead_letter": Access("GET", "/cart/v1/admin/dead-letters/{letter_id}", roles=frozenset(["admin"])),
        "redrive_cart_dead_letter": Access(
            "POST", "/cart/v1/admin/dead-letters/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "dismiss_cart_dead_letter": Access(
            "POST", "/cart/v1/admin/dead-letters/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "get_cart_health": Access("GET", "/cart/health", public=True),
        "get_cart_readiness": Access("GET", "/cart/health/ready", public=True),
        "get_cart_info": Access("GET", "/cart/v1/_info", public=True),
    },
    "catalog": {
        "list_categories": Access("GET", "/catalog/v1/categories/", public=True),
        "add_category": Access("POST", "/catalog/v1/categories/", roles=frozenset(["admin"])),
        "get_category": Access("GET", "/catalog/v1/categories/{category_id}", public=True),
        "remove_category": Access("DELETE", "/catalog/v1/categories/{category_id}", roles=frozenset(["admin"])),
        "rename_category": Access("PATCH", "/catalog/v1/categories/{category_id}", roles=frozenset(["admin"])),
        "list_products": Access("GET", "/catalog/v1/products/", public=True, optional_token=True),
        "add_product": Access("POST", "/catalog/v1/products/", roles=frozenset(["admin"])),
        "get_product": Access("GET", "/catalog/v1/products/{product_id}", public=True, optional_token=True),
        "remove_product": Access("DELETE", "/catalog/v1/products/{product_id}", roles=frozenset(["admin"])),
        "change_product": Access("PATCH", "/catalog/v1/products/{product_id}", roles=frozenset(["admin"])),
        "list_images": Access("GET", "/catalog/v1/products/{product_id}/images", public=True, optional_token=True),
        "add_image": Access("POST", "/catalog/v1/products/{product_id}/images", roles=frozenset(["admin"])),
        "remove_image": Access(
            "DELETE", "/catalog/v1/products/{product_id}/images/{image_id}", roles=frozenset(["admin"])
        ),
        "get_stock": Access("GET", "/catalog/v1/inventory/{product_id}", roles=frozenset(["admin"])),
        "list_stock_movements": Access(
            "GET", "/catalog/v1/inventory/{product_id}/movements", roles=frozenset(["admin"])
        ),
        "restock_products": Access(
            "POST",
            "/catalog/v1/inventory/restock",
            roles=frozenset(["admin"]),
            internal=frozenset(["operator", "storefront"]),
        ),
        "correct_stock": Access(
            "POST",
            "/catalog/v1/inventory/correct",
            roles=frozenset(["admin"]),
            internal=frozenset(["operator", "storefront"]),
        ),
        "reserve_stock": Access("POST", "/catalog/v1/inventory/reserve", internal=frozenset(["order"])),
        "check_stock": Access("POST", "/catalog/v1/inventory/check", internal=frozenset(["order"])),
        "commit_stock": Access("POST", "/catalog/v1/inventory/commit", internal=frozenset(["order"])),
        "list_catalog_dead_letters": Access("GET", "/catalog/v1/admin/dead-letters", roles=frozenset(["admin"])),
        "get_catalog_dead_letter": Access(
            "GET", "/catalog/v1/admin/dead-letters/{letter_id}", roles=frozenset(["admin"])
        ),
        "redrive_catalog_dead_letter": Access(
            "POST", "/catalog/v1/admin/dead-letters/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "dismiss_catalog_dead_letter": Access(
            "POST", "/catalog/v1/admin/dead-letters/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "get_catalog_health": Access("GET", "/catalog/health", public=True),
        "get_catalog_readiness": Access("GET", "/catalog/health/ready", public=True),
        "get_catalog_info": Access("GET", "/catalog/v1/_info", public=True),
    },
    "notifications": {
        "list_notifications": Access(
            "GET", "/notifications/v1/notifications", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "list_all_notifications": Access("GET", "/notifications/v1/admin/notifications", roles=frozenset(["admin"])),
        "retry_notification": Access(
            "POST", "/notifications/v1/notifications/{notification_id}/retry", roles=frozenset(["admin"])
        ),
        "list_sent_mails": Access("GET", "/notifications/v1/orders/{order_id}/mails", internal=frozenset(["order"])),
        "list_notifications_dead_letters": Access(
            "GET", "/notifications/v1/admin/dead-letters", roles=frozenset(["admin"])
        ),
        "get_notifications_dead_letter": Access(
            "GET", "/notifications/v1/admin/dead-letters/{letter_id}", roles=frozenset(["admin"])
        ),
        "redrive_notifications_dead_letter": Access(
            "POST", "/notifications/v1/admin/dead-letters/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "dismiss_notifications_dead_letter": Access(
            "POST", "/notifications/v1/admin/dead-letters/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "get_notifications_health": Access("GET", "/notifications/health", public=True),
        "get_notifications_readiness": Access("GET", "/notifications/health/ready", public=True),
        "get_notifications_info": Access("GET", "/notifications/v1/_info", public=True),
    },
    "order": {
        "check_out": Access("POST", "/order/v1/orders/checkout", roles=frozenset(["admin", "customer"])),
        "list_orders": Access("GET", "/order/v1/orders", roles=frozenset(["admin", "customer"])),
        "list_all_orders": Access("GET", "/order/v1/admin/orders", roles=frozenset(["admin"])),
        "get_order": Access("GET", "/order/v1/orders/{order_id}", roles=frozenset(["admin", "customer"]), owner=True),
        "list_timeline": Access(
            "GET", "/order/v1/orders/{order_id}/timeline", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "cancel_order": Access(
            "POST", "/order/v1/orders/{order_id}/cancel", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "cancel_items": Access(
            "POST", "/order/v1/orders/{order_id}/cancellations", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "request_return": Access(
            "POST", "/order/v1/orders/{order_id}/returns", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "receive_return": Access(
            "POST", "/order/v1/orders/{order_id}/returns/{return_id}/receive", roles=frozenset(["admin"])
        ),
        "get_payable": Access("GET", "/order/v1/orders/{order_id}/payable", internal=frozenset(["payment"])),
        "list_order_dead_letters": Access("GET", "/order/v1/admin/dead-letters", roles=frozenset(["admin"])),
        "get_order_dead_letter": Access("GET", "/order/v1/admin/dead-letters/{letter_id}", roles=frozenset(["admin"])),
        "redrive_order_dead_letter": Access(
            "POST", "/order/v1/admin/dead-letters/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "dismiss_order_dead_letter": Access(
            "POST", "/order/v1/admin/dead-letters/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "get_order_health": Access("GET", "/order/health", public=True),
        "get_order_readiness": Access("GET", "/order/health/ready", public=True),
        "get_order_info": Access("GET", "/order/v1/_info", public=True),
    },
    "payment": {
        "succeed_payment": Access(
            "POST", "/payment/v1/payments/mock-succeed", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "fail_payment": Access(
            "POST", "/payment/v1/payments/mock-fail", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "list_payments": Access("GET", "/payment/v1/payments", roles=frozenset(["admin", "customer"]), owner=True),
        "void_payment": Access("POST", "/payment/v1/payments/void", internal=frozenset(["order"])),
        "list_payment_dead_letters": Access("GET", "/payment/v1/admin/dead-letters", roles=frozenset(["admin"])),
        "get_payment_dead_letter": Access(
            "GET", "/payment/v1/admin/dead-letters/{letter_id}", roles=frozenset(["admin"])
        ),
        "redrive_payment_dead_letter": Access(
            "POST", "/payment/v1/admin/dead-letters/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "dismiss_payment_dead_letter": Access(
            "POST", "/payment/v1/admin/dead-letters/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "attempt_payment": Access(
            "POST", "/payment/v1/payments/attempts", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "receive_webhook": Access("POST", "/payment/v1/webhooks/{provider}", public=True),
        "get_payment_health": Access("GET", "/payment/health", public=True),
        "get_payment_readiness": Access("GET", "/payment/health/ready", public=True),
        "get_payment_info": Access("GET", "/payment/v1/_info", public=True),
    },
    "shipping": {
        "list_shipments": Access("GET", "/shipping/v1/shipments", roles=frozenset(["admin", "customer"]), owner=True),
        "draft_shipment": Access("POST", "/shipping/v1/shipments", internal=frozenset(["order"])),
        "list_all_shipments": Access("GET", "/shipping/v1/admin/shipments", roles=frozenset(["admin"])),
        "get_shipment": Access(
            "GET", "/shipping/v1/shipments/{shipment_id}", roles=frozenset(["admin", "customer"]), owner=True
        ),
        "dispatch_shipment": Access(
            "POST", "/shipping/v1/shipments/{shipment_id}/dispatch", roles=frozenset(["admin"])
        ),
        "correct_shipment": Access("POST", "/shipping/v1/shipments/{shipment_id}/correct", roles=frozenset(["admin"])),
        "deliver_shipment": Access("POST", "/shipping/v1/shipments/{shipment_id}/deliver", roles=frozenset(["admin"])),
        "cancel_shipment": Access("POST", "/shipping/v1/shipments/cancel", internal=frozenset(["order"])),
        "list_shipping_dead_letters": Access("GET", "/shipping/v1/admin/dead-letters", roles=frozenset(["admin"])),
        "get_shipping_dead_letter": Access(
            "GET", "/shipping/v1/admin/dead-letters/{letter_id}", roles=frozenset(["admin"])
        ),
        "redrive_shipping_dead_letter": Access(
            "POST", "/shipping/v1/admin/dead-letters/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "dismiss_shipping_dead_letter": Access(
            "POST", "/shipping/v1/admin/dead-letters/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "take_out_items": Access("POST", "/shipping/v1/shipments/take-out", internal=frozenset(["order"])),
        "get_shipping_health": Access("GET", "/shipping/health", public=True),
        "get_shipping_readiness": Access("GET", "/shipping/health/ready", public=True),
        "get_shipping_info": Access("GET", "/shipping/v1/_info", public=True),
    },
    "storefront": {
        "show_home": Access("GET", "/", public=True),
        "show_search": Access("GET", "/search", public=True),
        "show_category": Access("GET", "/categories/{category_id}", public=True),
        "show_product": Access("GET", "/products/{product_id}", public=True),
        "add_to_cart": Access("POST", "/products/{product_id}", public=True),
        "show_cart": Access("GET", "/cart", public=True),
        "change_cart": Access("POST", "/cart", public=True),
        "accept_price": Access("POST", "/cart/price", roles=frozenset(["admin", "customer"])),
        "show_checkout": Access("GET", "/checkout", roles=frozenset(["admin", "customer"])),
        "place_order": Access("POST", "/checkout", roles=frozenset(["admin", "customer"])),
        "show_order": Access("GET", "/orders/{order_id}", roles=frozenset(["admin", "customer"])),
        "show_payment": Access("GET", "/orders/{order_id}/pay", roles=frozenset(["admin", "customer"])),
        "pay_order": Access("POST", "/orders/{order_id}/pay", roles=frozenset(["admin", "customer"])),
        "show_registration": Access("GET", "/register", public=True),
        "register_account": Access("POST", "/register", public=True),
        "show_sign_in": Access("GET", "/sign-in", public=True),
        "sign_in": Access("POST", "/sign-in", public=True),
        "sign_out": Access("POST", "/sign-out", public=True),
        "show_forgotten_password": Access("GET", "/forgotten-password", public=True),
        "ask_for_password_link": Access("POST", "/forgotten-password", public=True),
        "show_password_link_sent": Access("GET", "/forgotten-password/sent", public=True),
        "show_password_reset": Access("GET", "/account/reset-password", public=True),
        "choose_password": Access("POST", "/account/reset-password", public=True),
        "show_email_verification": Access("GET", "/account/verify-email", public=True),
        "verify_own_email": Access("POST", "/account/verify-email", public=True),
        "show_verified_email": Access("GET", "/account/email-verified", public=True),
        "show_account": Access("GET", "/account", roles=frozenset(["admin", "customer"])),
        "ask_for_verification_link": Access("POST", "/account/verification", roles=frozenset(["admin", "customer"])),
        "show_link_sent": Access("GET", "/account/mail-sent", roles=frozenset(["admin", "customer"])),
        "show_password_change": Access("GET", "/account/password", roles=frozenset(["admin", "customer"])),
        "change_password": Access("POST", "/account/password", roles=frozenset(["admin", "customer"])),
        "show_email_change": Access("GET", "/account/email", roles=frozenset(["admin", "customer"])),
        "change_email": Access("POST", "/account/email", roles=frozenset(["admin", "customer"])),
        "show_addresses": Access("GET", "/account/addresses", roles=frozenset(["admin", "customer"])),
        "keep_address": Access("POST", "/account/addresses", roles=frozenset(["admin", "customer"])),
        "drop_address": Access(
            "POST", "/account/addresses/{address_id}/remove", roles=frozenset(["admin", "customer"])
        ),
        "show_account_deletion": Access("GET", "/account/delete", roles=frozenset(["admin", "customer"])),
        "delete_account": Access("POST", "/account/delete", roles=frozenset(["admin", "customer"])),
        "show_deleted_account": Access("GET", "/account/deleted", public=True),
        "show_orders": Access("GET", "/orders", roles=frozenset(["admin", "customer"])),
        "show_order_cancellation": Access("GET", "/orders/{order_id}/cancel", roles=frozenset(["admin", "customer"])),
        "cancel_own_order": Access("POST", "/orders/{order_id}/cancel", roles=frozenset(["admin", "customer"])),
        "choose_language": Access("POST", "/language", public=True),
        "show_office": Access("GET", "/admin", roles=frozenset(["admin"])),
        "show_parcels": Access("GET", "/admin/parcels", roles=frozenset(["admin"])),
        "show_parcel": Access("GET", "/admin/parcels/{shipment_id}", roles=frozenset(["admin"])),
        "dispatch_parcel": Access("POST", "/admin/parcels/{shipment_id}/dispatch", roles=frozenset(["admin"])),
        "correct_parcel": Access("POST", "/admin/parcels/{shipment_id}/correct", roles=frozenset(["admin"])),
        "deliver_parcel": Access("POST", "/admin/parcels/{shipment_id}/deliver", roles=frozenset(["admin"])),
        "show_all_orders": Access("GET", "/admin/orders", roles=frozenset(["admin"])),
        "show_any_order": Access("GET", "/admin/orders/{order_id}", roles=frozenset(["admin"])),
        "cancel_any_order": Access("POST", "/admin/orders/{order_id}/cancel", roles=frozenset(["admin"])),
        "show_all_products": Access("GET", "/admin/products", roles=frozenset(["admin"])),
        "show_product_draft": Access("GET", "/admin/add-product", roles=frozenset(["admin"])),
        "offer_product": Access("POST", "/admin/add-product", roles=frozenset(["admin"])),
        "show_product_details": Access("GET", "/admin/products/{product_id}", roles=frozenset(["admin"])),
        "edit_product": Access("POST", "/admin/products/{product_id}", roles=frozenset(["admin"])),
        "switch_sale": Access("POST", "/admin/products/{product_id}/sale", roles=frozenset(["admin"])),
        "add_picture": Access("POST", "/admin/products/{product_id}/pictures", roles=frozenset(["admin"])),
        "remove_picture": Access(
            "POST", "/admin/products/{product_id}/pictures/{image_id}/remove", roles=frozenset(["admin"])
        ),
        "note_arrival": Access("POST", "/admin/products/{product_id}/arrivals", roles=frozenset(["admin"])),
        "note_correction": Access("POST", "/admin/products/{product_id}/corrections", roles=frozenset(["admin"])),
        "show_accounts": Access("GET", "/admin/accounts", roles=frozenset(["admin"])),
        "close_account": Access("POST", "/admin/accounts/{user_id}/disable", roles=frozenset(["admin"])),
        "reopen_account": Access("POST", "/admin/accounts/{user_id}/enable", roles=frozenset(["admin"])),
        "end_account_sessions": Access("POST", "/admin/accounts/{user_id}/end-sessions", roles=frozenset(["admin"])),
        "show_mails": Access("GET", "/admin/mails", roles=frozenset(["admin"])),
        "retry_mail": Access("POST", "/admin/mails/{notification_id}/retry", roles=frozenset(["admin"])),
        "show_dead_letters": Access("GET", "/admin/dead-letters", roles=frozenset(["admin"])),
        "show_dead_letter": Access("GET", "/admin/dead-letters/{service}/{letter_id}", roles=frozenset(["admin"])),
        "send_dead_letter_back": Access(
            "POST", "/admin/dead-letters/{service}/{letter_id}/redrive", roles=frozenset(["admin"])
        ),
        "give_dead_letter_up": Access(
            "POST", "/admin/dead-letters/{service}/{letter_id}/dismiss", roles=frozenset(["admin"])
        ),
        "get_static_file": Access("GET", "/static/{file}", public=True),
        "get_storefront_health": Access("GET", "/storefront/health", public=True),
        "get_storefront_readiness": Access("GET", "/storefront/health/ready", public=True),
        "get_storefront_info": Access("GET", "/storefront/v1/_info", public=True),
    },
}
