"""The contract between crawler and consumers: events, topics, the registry, and the ClickHouse schema."""
