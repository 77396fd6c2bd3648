"""ClickHouse on one machine: the chDB engine, owned by one process, served over the HTTP protocol of ClickHouse."""
