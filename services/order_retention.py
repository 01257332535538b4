"""How long what is known of an order is kept, in every service that knows something of it (decision 0066)."""

from datetime import timedelta

from chassis.runtime.settings import SettingsError

ORDER_RETENTION = timedelta(days=3653)  # ten years, as books have to be kept in many countries
MIN_DAYS = 366  # until then a parcel may be under way, a refund outstanding, or a dead letter be sent again


def order_retention(days: float) -> timedelta:
    """The time that a service was told.

    Raises:
        SettingsError: It is so short that there may still be news of such an order.
    """
    if days < MIN_DAYS:
        raise SettingsError(f"ORDER_RETENTION_DAYS is less than {MIN_DAYS}.")
    return timedelta(days=days)
