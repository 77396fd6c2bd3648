"""The one-machine stack: Kafka, ClickHouse, loader and replica as supervised processes."""
