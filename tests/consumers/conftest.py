"""A broker that holds nothing but what these tests sent: they count everything that the loader reads."""

from collections.abc import Iterator

import pytest

from tests.kafka_process import KafkaProcess


@pytest.fixture(scope="package")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """One broker for all tests of the loader."""
    process = KafkaProcess(tmp_path_factory.mktemp("kafka"))
    process.start()
    yield process
    process.stop()
