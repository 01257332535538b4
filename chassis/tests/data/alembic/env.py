from chassis.data.migrations import migrate

migrate("ledger")
