"""What the shipping service is made of."""

from datetime import timedelta

from chassis.data.retention import RetentionRule
from chassis.service import Service
from services.entrypoint import run
from services.order_retention import order_retention
from services.shipping.application import ShipmentService
from services.shipping.clients import AnPostCarrier
from services.shipping.handlers import ShippingHandlers
from services.shipping.repository import (
    PURGE_TOMBSTONES,
    SETTLED_SHIPMENTS_RETENTION_RULE,
    ShipmentRepository,
    ShippingUnitOfWork,
)
from services.shipping.settings import Settings
from services.shipping.subscribers import ShippingSubscribers


async def assemble(service: Service, settings: Settings) -> None:
    database = await service.open_database(settings.database_url)
    shipments = ShipmentService(ShipmentRepository(database), service.unit_of_work(ShippingUnitOfWork), AnPostCarrier())
    service.add_handlers(ShippingHandlers(shipments))
    service.add_subscribers(ShippingSubscribers(shipments), settings.broker, instance=settings.instance)
    retention = timedelta(days=settings.tombstone_retention_days)
    service.add_retention(
        RetentionRule("tombstones", PURGE_TOMBSTONES, retention),
        SETTLED_SHIPMENTS_RETENTION_RULE._replace(retention=order_retention(settings.order_retention_days)),
    )


if __name__ == "__main__":
    run(Settings, assemble)
