"""Where partitions end, asked of Kafka."""

from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition


def ends_of(consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset after the newest message of each partition. Raises what the client raises.

    Asked one by one: of several, the client leaves out those whose leader it has not heard of yet, and then fails
    without a name; for a single one it waits.
    """
    return {partition: consumer.end_offsets([partition])[partition] for partition in partitions}
