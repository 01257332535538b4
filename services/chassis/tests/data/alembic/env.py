from services.chassis.migrations import migrate

migrate("ledger")
