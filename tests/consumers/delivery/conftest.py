"""A broker of its own: messages that can't be read would be counted where the loader is tested."""

from collections.abc import Iterator

import pytest

from tests.kafka_process import KafkaProcess


@pytest.fixture(scope="package")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """One broker for the tests of this folder."""
    process = KafkaProcess(tmp_path_factory.mktemp("kafka"))
    process.start()
    yield process
    process.stop()
