"""Publishing events to Kafka: idempotent, acknowledged by all replicas, and bounded in time.

A page (all events of one answer) is done when each of its events is acknowledged within the page's deadline. An
idempotent producer whose delivery expired never sends again, so it is replaced and the page fails by name.

Kafka stamps records by machine time, never by an event's own moments: an accelerated clock would expire them at once.
"""

import asyncio
import contextlib
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from schemas.clock import machine_time
from schemas.cloudevents import Message, encode
from schemas.errors import UnreachableError, WeiplomacyError, tried
from schemas.events import AnyEvent
from schemas.software import SOFTWARE
from schemas.topics import TOPICS, Topic, topic_of

logger = logging.getLogger(__name__)

LINGER_MS = 20
"""Events of one page arrive together; so long a wait makes them one batch."""
CONNECT_MS = 10_000
MAX_BLOCK_MS = 500
"""How long `send` may block: it runs on the event loop."""
CLOSE_S = 5.0
#: Events of an import that are in flight at a time.
IMPORT_CHUNK = 5_000


class PublishingError(WeiplomacyError):
    """Events could not be published."""


class KafkaUnreachableError(UnreachableError, PublishingError):
    """No broker answers."""


class MissingTopicError(PublishingError):
    """A topic of the contract does not exist on the broker."""


class NotAcknowledgedError(PublishingError):
    """Kafka did not acknowledge events in time."""


class EventTooLargeError(PublishingError):
    """An event is larger than its topic takes."""


@dataclass(slots=True)
class Outcome:
    """What became of the events of one page. Counts are by event name; `problems` are sentences."""

    published: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every event is acknowledged."""
        return not self.problems


def connect(servers: Sequence[str], delivery_timeout_ms: int = 120_000, connect_ms: int = CONNECT_MS) -> KafkaProducer:
    """A producer that knows every topic of the contract, so that its `send` does not block.

    Blocks for `connect_ms` at most for the connection. Raises KafkaUnreachableError or MissingTopicError.
    """
    began = machine_time()
    try:
        producer = KafkaProducer(
            bootstrap_servers=list(servers),
            bootstrap_timeout_ms=connect_ms,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=LINGER_MS,
            batch_size=262_144,
            max_block_ms=MAX_BLOCK_MS,
            # The library demands that a request gives up before the delivery does.
            request_timeout_ms=min(30_000, delivery_timeout_ms - 10 * LINGER_MS),
            delivery_timeout_ms=delivery_timeout_ms,
            max_request_size=max(topic.max_message_bytes for topic in TOPICS),
            allow_auto_create_topics=False,
            reconnect_backoff_max_ms=1_000,
            metrics_enabled=False,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise KafkaUnreachableError(
            f"Kafka does not answer at {','.join(servers)} ({type(error).__name__}, {tried(began, machine_time())}): "
            "`weiplomacy status` tells whether it runs, `weiplomacy up` starts it, the setting kafka.bootstrap_servers "
            "says where it is"
        ) from error
    try:
        for topic in TOPICS:
            _await_topic(producer, topic.name)
    except PublishingError:
        close(producer, 0.5)
        raise
    return producer


def _await_topic(producer: KafkaProducer, topic: str) -> None:
    attempts = 10
    for attempt in range(1, attempts + 1):
        try:
            if producer.partitions_for(topic):
                return
        except KafkaError as error:
            missing = isinstance(error, UnknownTopicOrPartitionError) or attempt == attempts
            if missing:
                raise MissingTopicError(
                    f"Kafka has no topic {topic} ({error}): `weiplomacy up` creates the topics"
                ) from error
    raise MissingTopicError(f"Kafka has no topic {topic}: `weiplomacy up` creates the topics")


def close(producer: KafkaProducer, timeout_s: float = CLOSE_S) -> None:
    """Close a producer within `timeout_s`; one that is stuck is left to its daemon thread."""
    with contextlib.suppress(KafkaError):
        producer.close(timeout=timeout_s)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way: what it is called in counts and in problems, and where it goes."""

    name: str
    id: str
    topic: Topic
    message: Message


def outgoing(event: AnyEvent, source: str, lane: str | None) -> Outgoing:
    """An event as a message of its topic. `lane`: the one that saw it, None where it was none."""
    return Outgoing(event.name, event.event_id, topic_of(event), encode(event, source, SOFTWARE, lane))


def _send(
    producer: KafkaProducer,
    one: Outgoing,
    acknowledged: Callable[[], None],
    failed: Callable[[BaseException], None],
) -> None:
    """Hand one message over; one of the callbacks comes from the producer's thread. Raises KafkaError."""
    topic, message = one.topic, one.message
    size = len(message.key) + len(message.value) + sum(len(name) + len(value) for name, value in message.headers)
    if size > topic.max_message_bytes:
        raise MessageSizeTooLargeError(f"{size} bytes are more than the {topic.max_message_bytes} of {topic.name}")
    future = producer.send(topic.name, key=message.key, value=message.value, headers=message.headers)
    future.add_callback(lambda _: acknowledged())
    future.add_errback(failed)


class _Page:
    """The messages of a page on their way. Settled on the event loop only."""

    def __init__(self, name: str, messages: Sequence[Outgoing]) -> None:
        self.name = name
        self.outcome = Outcome(published=Counter(message.name for message in messages))
        self.open = len(messages)
        self.closed = False
        self.broken: BaseException | None = None
        self.done = asyncio.get_running_loop().create_future()
        if not messages:
            self.done.set_result(None)

    def settle(self, message: Outgoing, error: BaseException | None) -> None:
        """One message is acknowledged (no error) or given up. What comes after the page was closed changes nothing."""
        if self.closed:
            return
        if error is None:
            self.outcome.acknowledged[message.name] += 1
        elif isinstance(error, MessageSizeTooLargeError):
            self.outcome.problems.append(f"{self.name}: {message.id} is too large for Kafka: {error.args[0]}")
        else:
            self.broken = error
        self.open -= 1
        if self.open == 0:
            self._end()

    def give_up(self, error: BaseException) -> None:
        """Nothing more will be acknowledged: the producer that has the events is stuck."""
        self.broken = error
        self._end()

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Publisher:
    """Publishes pages of events from an event loop, with one producer at a time.

    `page_deadline_s` bounds the wait for a page's acknowledgements, machine time.
    """

    def __init__(
        self,
        servers: Sequence[str],
        source: str,
        delivery_timeout_ms: int = 120_000,
        page_deadline_s: float = 60.0,
    ) -> None:
        self._servers = list(servers)
        self._source = source
        self._delivery_timeout_ms = delivery_timeout_ms
        self._page_deadline_s = page_deadline_s
        self._producer: KafkaProducer | None = None
        self._connecting: asyncio.Task[KafkaProducer] | None = None
        self._under_way: dict[_Page, KafkaProducer] = {}
        self.replaced = 0

    async def start(self) -> None:
        """Connect. Raises KafkaUnreachableError or MissingTopicError."""
        await self._ready()

    async def publish(self, name: str, events: Sequence[AnyEvent], lane: str | None) -> Outcome:
        """Publish the events of the page `name`, seen by `lane`, and wait until they are acknowledged or given up.

        Never raises for Kafka's sake: what went wrong is in the outcome, one sentence per cause.
        """
        return await self.deliver(name, [outgoing(event, self._source, lane) for event in events])

    async def deliver(self, name: str, messages: Sequence[Outgoing]) -> Outcome:
        """The same for messages that are made already."""
        page = _Page(name, messages)
        try:
            async with asyncio.timeout(self._page_deadline_s):
                self._send_all(await self._ready(), page, messages)
                await page.done
        except TimeoutError:
            page.outcome.problems.append(
                f"{name}: Kafka acknowledged {page.outcome.acknowledged.total()} of {len(messages)} events "
                f"within {self._page_deadline_s:g} s (kafka.page_deadline_s)"
            )
        except PublishingError as error:
            page.outcome.problems.append(f"{name}: {error}")
        finally:
            self._under_way.pop(page, None)
        page.closed = True
        if page.broken is not None:
            lost = len(messages) - page.outcome.acknowledged.total()
            why = f"{type(page.broken).__name__}: {page.broken}"
            page.outcome.problems.append(f"{name}: Kafka gave up on {lost} of {len(messages)} events ({why})")
        return page.outcome

    async def close(self, timeout_s: float = CLOSE_S) -> None:
        """Close the producer within `timeout_s`."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await asyncio.to_thread(close, producer, timeout_s)

    async def _ready(self) -> KafkaProducer:
        if self._producer is not None:
            return self._producer
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        # A page that can't wait any longer leaves the connection to the next one.
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> KafkaProducer:
        try:
            self._producer = await asyncio.to_thread(connect, self._servers, self._delivery_timeout_ms)
        finally:
            self._connecting = None
        return self._producer

    def _send_all(self, producer: KafkaProducer, page: _Page, messages: Sequence[Outgoing]) -> None:
        loop = asyncio.get_running_loop()
        self._under_way[page] = producer

        def settle(message: Outgoing, error: BaseException | None) -> None:
            page.settle(message, error)
            # Also when the page has failed by its deadline before: the producer is stuck from now on.
            if error is not None and not isinstance(error, MessageSizeTooLargeError):
                self._replace(producer, error)

        # The producer's thread answers for a batch at a stretch, and waking the loop is dear: it is woken by the first
        # answer, and takes those that have come by then.
        answers: deque[tuple[Outgoing, BaseException | None]] = deque()

        def settle_all() -> None:
            while answers:
                settle(*answers.popleft())

        def settle_soon(message: Outgoing, error: BaseException | None = None) -> None:
            answers.append((message, error))
            # The loop may be closed before a late answer comes: nobody waits for it then.
            if len(answers) == 1:
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(settle_all)

        for message in messages:
            try:
                _send(producer, message, partial(settle_soon, message), partial(settle_soon, message))
            except KafkaError as error:
                settle(message, error)

    def _replace(self, producer: KafkaProducer, error: BaseException) -> None:
        if producer is not self._producer:
            return
        self._producer = None
        self.replaced += 1
        logger.warning("a delivery to Kafka expired: the producer is stuck and is replaced")
        # It will not settle what it still holds, so no page needs to wait for its deadline.
        for page, holder in self._under_way.items():
            if holder is producer:
                page.give_up(error)
        # Closing a stuck producer takes its whole time-out: in a thread that ends with the process.
        threading.Thread(target=close, args=(producer,), daemon=True).start()


def publish_all(
    servers: Sequence[str], source: str, events: Iterable[AnyEvent], delivery_timeout_ms: int = 120_000
) -> Counter[str]:
    """Publish any number of events and return how many Kafka acknowledged, by event name. For imports; it blocks.

    Raises KafkaUnreachableError, MissingTopicError, EventTooLargeError or NotAcknowledgedError; what was acknowledged
    before stays published, and publishing it again makes the same events.
    """
    acknowledged: Counter[str] = Counter()
    producer = connect(servers, delivery_timeout_ms)
    try:
        chunk: list[AnyEvent] = []
        for event in events:
            chunk.append(event)
            if len(chunk) == IMPORT_CHUNK:
                acknowledged += _publish_chunk(producer, source, chunk, delivery_timeout_ms)
                chunk = []
        return acknowledged + _publish_chunk(producer, source, chunk, delivery_timeout_ms)
    finally:
        close(producer)


def _publish_chunk(
    producer: KafkaProducer, source: str, events: Sequence[AnyEvent], delivery_timeout_ms: int
) -> Counter[str]:
    errors: list[BaseException] = []
    settled = threading.Semaphore(0)

    def failed(error: BaseException) -> None:
        errors.append(error)
        settled.release()

    for event in events:
        try:
            _send(producer, outgoing(event, source, None), settled.release, failed)
        except MessageSizeTooLargeError as error:
            raise EventTooLargeError(f"{event.event_id} is too large for Kafka: {error.args[0]}") from error
        except KafkaError as error:
            raise NotAcknowledgedError(f"Kafka did not take {event.event_id}: {error}") from error
    for number in range(len(events)):
        # Each delivery settles by itself within its time-out; the rest is for a producer that is stuck.
        if not settled.acquire(timeout=delivery_timeout_ms / 1000 + CLOSE_S):
            raise NotAcknowledgedError(f"Kafka acknowledged {number} of {len(events)} events, then nothing more")
    if errors:
        raise NotAcknowledgedError(f"Kafka refused {len(errors)} of {len(events)} events: {errors[0]}")
    return Counter(event.name for event in events)
