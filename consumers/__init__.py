"""What reads Kafka: the loader, the dead letters, and the one poll loop they share."""
