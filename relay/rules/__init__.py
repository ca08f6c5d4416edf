"""Pure decisions, tested with tables: no clock, no disk, no network."""
