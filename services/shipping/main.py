"""What the shipping service is made of."""

from datetime import timedelta

from chassis.service import Service, run
from services import ROOT, VERSION
from services.shipping.clients import AnPost
from services.shipping.handlers import ShippingHandlers
from services.shipping.repository import PURGE_TOMBSTONES, Shipments, ShippingUnitOfWork
from services.shipping.settings import Settings
from services.shipping.subscribers import ShippingSubscribers


async def assemble(service: Service, settings: Settings) -> None:
    database = await service.open_database(settings.database_url)
    unit_of_work = service.unit_of_work(ShippingUnitOfWork)
    service.add_handlers(ShippingHandlers(Shipments(database), unit_of_work, AnPost()))
    service.add_subscribers(ShippingSubscribers(unit_of_work), settings.kafka, instance=settings.instance)
    service.add_retention("tombstones", PURGE_TOMBSTONES, timedelta(days=settings.tombstone_retention_days))


if __name__ == "__main__":
    run(Settings, assemble, version=VERSION, root=ROOT)
