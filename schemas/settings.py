"""The settings: one file, `weiplomacy.toml` (or the one that WEIPLOMACY_SETTINGS names), and the environment.

`WEIPLOMACY_CLICKHOUSE__URL` in the environment is `url` in the section `[clickhouse]` and wins over the file. Every
field below is documented where it is declared; `weiplomacy doctor` prints what is in force.
"""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariableError

from schemas.errors import SettingsError, first_reason

PREFIX = "WEIPLOMACY_"
#: Secrets that rules of alerts name, such as `env:WEIPLOMACY_SECRET_PRESS`: the stack hands on no other variables.
SECRETS = f"{PREFIX}SECRET_"
#: Variables of the environment that are not settings but say where things are.
PLACES = {"WEIPLOMACY_HOME", "WEIPLOMACY_SETTINGS", "WEIPLOMACY_SHARED"}

#: A Kafka server as it is written: a name or an address, IPv6 in brackets, and its port.
SERVER = re.compile(r"(?:[^\s:,/\[\]]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")

Origin = Literal["live", "replica"]


ALL_PAGES = 1_000_000_000
"""More pages than any list has: what `all` stands for."""


def _pages(value: object) -> object:
    return ALL_PAGES if value == "all" else value


def _hot_first(orders: tuple[str, ...]) -> tuple[str, ...]:
    """The hot comments alone show which threads there are."""
    if orders not in (("hot",), ("hot", "time")):
        raise ValueError('["hot"] or ["hot", "time"] is expected')
    return orders


Pages = Annotated[int, BeforeValidator(_pages), Field(ge=0, le=ALL_PAGES)]


class Section(BaseModel):
    """A section of the settings: unknown names are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kafka(Section):
    """Where Kafka is: `[kafka]`."""

    bootstrap_servers: str | None = Field(
        default=None, description="host:port[,host:port]; default: the one of this machine's stack."
    )
    delivery_timeout_ms: int = Field(
        default=120_000, ge=2_000, description="How long the producer tries; longer is fatal for it."
    )
    page_deadline_s: float = Field(
        default=60.0, gt=0, description="Within it, all events of a page must be acknowledged."
    )

    @field_validator("bootstrap_servers")
    @classmethod
    def _are_addresses(cls, value: str | None) -> str | None:
        if not value:
            return None
        servers = [server.strip() for server in value.split(",")]
        for server in servers:
            found = SERVER.fullmatch(server)
            if not found or not 0 < int(found[1]) < 65_536:
                raise ValueError(f"{server!r} is not host:port")
        return ",".join(servers)


class ClickHouse(Section):
    """Where ClickHouse is: `[clickhouse]`."""

    url: str | None = Field(default=None, description="http(s)://host:port; default: the one of this machine's stack.")
    user: str = Field(default="default", description="User of that server.")
    password: SecretStr = Field(default=SecretStr(""), description="Password of that server.")


def _host(host: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", host):
        raise ValueError("a name or an address of this machine is expected")
    return host


Host = Annotated[str, AfterValidator(_host)]


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address to listen on."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(host: str, port: int, certificate: Path | None) -> str:
    """Where a client on this machine reaches what listens on `host`."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not listened on)
    return f"http{'s' if certificate else ''}://{f'[{host}]' if ':' in host else host}:{port}"


class Stack(Section):
    """The one-machine stack. `[stack]` Every port is on 127.0.0.1, unless ClickHouse's are told otherwise."""

    kafka_port: int = Field(default=9092, ge=1, le=65535, description="Kafka's port.")
    kafka_controller_port: int = Field(default=9093, ge=1, le=65535, description="The port of Kafka's controller.")
    clickhouse_port: int = Field(default=8123, ge=1, le=65535, description="ClickHouse's HTTP port.")
    clickhouse_host: Host = Field(
        default="127.0.0.1", description="Where it listens; beyond this machine it needs the password."
    )
    clickhouse_password_file: Path | None = Field(
        default=None, description="File with the password that it asks for; our own parts read it there."
    )
    clickhouse_certificate: Path | None = Field(default=None, description="Its certificate (PEM), for HTTPS.")
    clickhouse_key: Path | None = Field(default=None, description="The key of that certificate (PEM).")
    analysts_port: int = Field(
        default=8124, ge=0, le=65535, description="ClickHouse's port for analysts, which only reads; 0: none."
    )
    replica_proxy_port: int = Field(default=8898, ge=1, le=65535, description="The replica's proxy.")
    replica_control_port: int = Field(default=8899, ge=1, le=65535, description="The replica's truth.")
    kafka_heap_mb: int = Field(default=512, ge=128, description="Heap of the Kafka broker, MiB.")
    clickhouse_memory_mb: int = Field(default=4096, ge=512, description="Memory of the ClickHouse engine in all, MiB.")
    clickhouse_query_memory_mb: int = Field(default=2048, ge=64, description="Memory of one query, MiB.")

    @model_validator(mode="after")
    def _closed(self) -> Self:
        _are_closed(self.clickhouse_host, self.clickhouse_password_file, "clickhouse_")
        _are_a_pair(self.clickhouse_certificate, self.clickhouse_key, "clickhouse_")
        return self


def _are_closed(host: str, password_file: Path | None, prefix: str) -> None:
    if not is_local(host) and password_file is None:
        raise ValueError(f"{prefix}host {host} can be reached from other machines: {prefix}password_file is missing")


def _are_a_pair(certificate: Path | None, key: Path | None, prefix: str) -> None:
    if (certificate is None) != (key is None):
        raise ValueError(f"{prefix}certificate and {prefix}key belong together")


class Analysts(Section):
    """The analysts' port: whom it lets in, and what one may use: `[analysts]`."""

    host: Host = Field(default="127.0.0.1", description="Where it listens; beyond this machine it needs the password.")
    password_file: Path | None = Field(default=None, description="File with the password that it asks for.")
    certificate: Path | None = Field(default=None, description="Its certificate (PEM), for HTTPS.")
    key: Path | None = Field(default=None, description="The key of that certificate (PEM).")
    seconds: float = Field(default=120.0, gt=0, description="Seconds that one query may take.")
    memory_mb: int = Field(default=512, ge=16, description="Memory of one query, MiB.")
    rows_read: int = Field(default=5_000_000_000, ge=1, description="Rows that one query may read.")
    result_rows: int = Field(default=5_000_000, ge=1, description="Rows of one answer.")
    result_mb: int = Field(default=1024, ge=1, description="Size of one answer, MiB.")
    threads: int | None = Field(default=None, ge=1, description="Threads of one query; default: cores less one.")
    queries: int = Field(default=4, ge=1, le=64, description="Queries at a time; others wait.")
    spill_mb: int = Field(default=1024, ge=0, description="Disk that one query may use to sort and group, MiB.")

    @model_validator(mode="after")
    def _closed(self) -> Self:
        _are_closed(self.host, self.password_file, "")
        _are_a_pair(self.certificate, self.key, "")
        return self


def _proxy(address: str) -> str:
    if not re.fullmatch(r"http://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}/?", address):
        raise ValueError("http://host:port is expected, without a password")
    return address


Proxy = Annotated[str, AfterValidator(_proxy)]


class Lane(Section):
    """A lane: a session with its way out and its budget. `[[crawl.lanes]]` What it does not say is as in `[crawl]`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="Its name in receipts, events and logs.")
    egress_proxy: Proxy | None = Field(default=None, description="http://host:port that the lane goes out by.")
    egress_ca_file: Path | None = Field(
        default=None, description="Certificate authority to trust besides the system's."
    )
    requests_per_minute: int | None = Field(default=None, ge=1, description="At most, on average over a minute.")
    requests_per_day: int | None = Field(default=None, ge=1, description="At most, in any 24 hours.")
    delay_s: float | None = Field(default=None, ge=0, description="Least seconds between two requests.")
    concurrent_requests: int | None = Field(default=None, ge=1, le=64, description="Requests in flight.")
    login_profile: Path | None = Field(
        default=None,
        description="Folder of a browser profile that you signed in to; default: the one that `crawl login` made.",
    )


class Crawl(Section):
    """The crawl. `[crawl]` The defaults are careful, for the live site."""

    accounts_file: Path | None = Field(default=None, description="An own list of accounts instead of the registry.")
    browser: Path | None = Field(default=None, description="Chromium or Chrome; default: the first one that launches.")
    lanes: tuple[Lane, ...] = Field(
        default=(), description="The lanes; default: one guest. In the environment, as a JSON list."
    )
    instance: str = Field(
        default="1",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Name of this crawl worker: several beside each other need different ones.",
    )
    share: float = Field(
        default=1.0, gt=0, le=1, description="This worker's share of its addresses: budgets and pace are scaled by it."
    )
    egress_proxy: Proxy | None = Field(
        default=None, description="http://host:port that the lanes go out by; default: none."
    )
    egress_ca_file: Path | None = Field(
        default=None, description="Certificate authority to trust besides the system's."
    )
    obey_robots: bool = Field(default=True, description="Keep to robots.txt.")
    delay_s: float = Field(
        default=5.0, ge=0, description="Least seconds between two requests of a lane; jitter adds up to a half."
    )
    government_factor: float = Field(
        default=3.0, ge=1, description="So many times the delay after a request about an account of the registry."
    )
    hurry: bool = Field(default=False, description="Allow a delay of 0 on the live site.")
    requests_per_minute: int = Field(default=12, ge=1, description="Of one lane at most, on average over a minute.")
    requests_per_day: int = Field(default=6_000, ge=1, description="Of one lane at most, in any 24 hours.")
    lane_wait_s: float = Field(
        default=900.0, ge=0, description="How long a request waits while all lanes are paused, the crawl's clock."
    )
    concurrent_requests: int = Field(default=1, ge=1, le=64, description="Requests of one lane in flight.")
    concurrent_pages: int = Field(default=1, ge=1, le=8, description="Browser pages of one lane at a time.")
    canary_account: str | None = Field(
        default=None, description="Id, uid or name of an account that is known to be there: asked once in a run."
    )
    canary_post: str | None = Field(
        default=None, pattern=r"^[0-9]{5,19}$", description="Id of a post of that account, asked for likewise."
    )
    pages: int = Field(default=3, ge=1, description="Timeline pages per account and visit, the rendered one included.")
    most_pages: int = Field(
        default=50,
        ge=1,
        description="Timeline pages per account and visit at most, where posts are missing down to what is known.",
    )
    comment_posts: int = Field(
        default=5, ge=0, description="Newest posts per account and visit whose comments are read."
    )
    comment_orders: Annotated[tuple[Literal["hot", "time"], ...], AfterValidator(_hot_first)] = Field(
        default=("hot",), description='Orders in which comments are read: ["hot"], or ["hot", "time"].'
    )
    comment_pages: Pages = Field(
        default=2, description='Comment pages per post and visit, in each order; "all": until the end.'
    )
    reply_pages: Pages = Field(
        default=2, description='Pages of replies per post and visit, in all its threads together; "all": until the end.'
    )
    repost_pages: Pages = Field(
        default=1, description='Pages of reposts per post and visit, ten a page; "all": until the end.'
    )
    render_timeout_s: float = Field(default=60.0, gt=0, description="Bound on one rendering, machine time.")
    visit_every_first_min: float = Field(default=30.0, gt=0, description="At most between two visits, tier first.")
    visit_every_normal_min: float = Field(default=120.0, gt=0, description="The same, tier normal.")
    visit_every_last_min: float = Field(default=720.0, gt=0, description="The same, tier last.")
    render_every_first_h: float = Field(default=24.0, gt=0, description="At most between two rendered pages, first.")
    render_every_normal_h: float = Field(default=48.0, gt=0, description="The same, tier normal.")
    render_every_last_h: float = Field(default=168.0, gt=0, description="The same, tier last.")
    tier_weight_first: float = Field(default=2.0, gt=0, description="What a post of tier first counts against others.")
    tier_weight_normal: float = Field(default=1.0, gt=0, description="The same, tier normal.")
    tier_weight_last: float = Field(default=0.5, gt=0, description="The same, tier last.")
    render_cost: int = Field(default=100, ge=1, description="Plain requests that a rendered page counts for in a plan.")
    watch_h: float = Field(default=24.0, gt=0, description="How long after its publication a post is sampled for.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for what in ("name", "login_profile"):
            values = Counter(str(value) for lane in self.lanes if (value := getattr(lane, what)) is not None)
            for value, times in values.items():
                if times > 1:
                    raise ValueError(f"{times} lanes have the {what} {value}: each needs its own")
        if self.canary_post is not None and self.canary_account is None:
            raise ValueError("canary_post needs the canary_account that it belongs to")
        return self


class People(Section):
    """The people in the data: `[people]`."""

    key_file: Path | None = Field(
        default=None,
        description="Key of the hashes; default: `people.key` in the state folder, made on first use.",
    )
    key: SecretStr | None = Field(
        default=None,
        description="The key itself, 64 hexadecimal digits, for those who keep secrets in the environment; wins over "
        "the file.",
    )
    raw: bool = Field(
        default=False,
        description="Names and uids of people as they are, beside their hashes; every receipt then says so.",
    )


class Loader(Section):
    """The loader: `[loader]`."""

    flush_ms: int = Field(default=500, ge=10, description="A batch is written at the latest after this time.")
    batch_rows: int = Field(default=50_000, ge=1, description="A batch is written at the latest with so many messages.")
    instance: str = Field(
        default="1",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Name of this loader process: several beside each other need different ones.",
    )
    stop_at_invalid_share: float = Field(
        default=0.9,
        gt=0,
        description="With this share of the newest messages invalid, the loader stops; above 1: never.",
    )


class Deriver(Section):
    """The deriver, which keeps the derived tables fresh: `[deriver]`."""

    every_s: float = Field(default=20.0, ge=1, description="Seconds from one look at what changed to the next.")


class Calendar(Section):
    """The calendar that analysts lay beside waves: `[calendar]`."""

    file: Path | None = Field(
        default=None, description="An own calendar, added to the base list (the form is that of schemas/calendar.toml)."
    )


class Alerts(Section):
    """Alerts: `[alerts]`."""

    rules_file: Path | None = Field(
        default=None, description="Who is told of what; default: `alerts.toml` in the state folder."
    )
    mail_via: str = Field(
        default="", description="The mail server where an address names none, such as smtp://mail.example.org."
    )
    mail_from: str = Field(default="", description="The sender of mail where an address names none.")


#: The greatest age of the grid, and before it as long again: what a post gained is the difference to what was known.
LEAST_DAYS = 60
#: Moments of a TTL end in 2106.
MOST_DAYS = 20_000

Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class Retention(Section):
    """How long raw rows are kept, in days since they were loaded: `[retention]`. What is left out is kept for ever."""

    samples_days: Days | None = Field(
        default=None,
        description=f"Days that samples are kept, at least {LEAST_DAYS}; what is derived from them stays.",
    )
    comments_days: Days | None = Field(
        default=None, description="Days that comments and reposts, which people wrote, are kept."
    )
    receipts_days: Days | None = Field(
        default=None, description=f"Days that receipts and changes of lanes are kept, at least {LEAST_DAYS}."
    )
    dead_letters_days: Days | None = Field(
        default=None, description="Days that messages that could not be loaded are kept."
    )
    cold_after_days: Days | None = Field(
        default=None, description="Days after which samples and snapshots move to cold_volume, month by month."
    )
    cold_volume: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$",
        description="A volume of the tables' storage policy, on a ClickHouse server of your own.",
    )

    @field_validator("samples_days", "receipts_days")
    @classmethod
    def _long_enough(cls, value: int | None) -> int | None:
        if value is not None and value < LEAST_DAYS:
            raise ValueError(
                f"measures, hours and days are derived from these rows for {LEAST_DAYS} days: say {LEAST_DAYS} or "
                "more, or leave it out"
            )
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.cold_after_days is None) != (self.cold_volume is None):
            raise ValueError("cold_after_days and cold_volume belong together: say both or neither")
        if self.cold_after_days is not None and self.cold_after_days >= (self.samples_days or MOST_DAYS + 1):
            raise ValueError(
                f"after cold_after_days = {self.cold_after_days} there are no samples to move: "
                f"samples_days is {self.samples_days}"
            )
        return self


class Settings(BaseSettings):
    """All settings, frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    home: Path = Field(default=Path(".weiplomacy"), description="The state folder (WEIPLOMACY_HOME).")
    origin: Origin | None = Field(
        default=None, description="live or replica; default: what the state folder holds, else live."
    )
    clock_file: Path | None = Field(default=None, description="A clock file (schemas.clock); default: machine time.")
    kafka: Kafka = Kafka()
    clickhouse: ClickHouse = ClickHouse()
    stack: Stack = Stack()
    analysts: Analysts = Analysts()
    crawl: Crawl = Crawl()
    people: People = People()
    loader: Loader = Loader()
    deriver: Deriver = Deriver()
    calendar: Calendar = Calendar()
    alerts: Alerts = Alerts()
    retention: Retention = Retention()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as arguments."""
        return (env_settings, init_settings)

    @property
    def kafka_servers(self) -> list[str]:
        """Where Kafka is, as a list of host:port."""
        return (self.kafka.bootstrap_servers or f"127.0.0.1:{self.stack.kafka_port}").split(",")

    @property
    def clickhouse_url(self) -> str:
        """Where ClickHouse is."""
        stack = self.stack
        return self.clickhouse.url or _address(
            stack.clickhouse_host, stack.clickhouse_port, stack.clickhouse_certificate
        )

    @property
    def analysts_url(self) -> str | None:
        """Where analysts reach the ClickHouse of this machine; None where there is no such port."""
        if self.clickhouse.url or not self.stack.analysts_port:
            return None
        return _address(self.analysts.host, self.stack.analysts_port, self.analysts.certificate)

    @property
    def people_key_file(self) -> Path:
        """Where the key of the keyed hashes is."""
        return self.people.key_file or self.home / "people.key"

    @property
    def alert_rules_file(self) -> Path:
        """Where the rules of alerts are."""
        return self.alerts.rules_file or self.home / "alerts.toml"


def load() -> Settings:
    """Read the settings. Raises SettingsError with the name of the setting and what is wrong with it."""
    named = os.environ.get("WEIPLOMACY_SETTINGS")
    file = Path(named or "weiplomacy.toml")
    values: dict[str, Any] = _read(file) if named or file.exists() else {}
    _refuse_unknown(os.environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_explain(error, str(file) if values else None)) from error
    except UnreadableVariableError as error:
        raise SettingsError(
            "WEIPLOMACY_CRAWL__LANES in the environment is wrong: a list in JSON is expected"
        ) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {file} can't be read: {first_reason(error)}") from error


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in PLACES or variable.startswith(SECRETS):
            continue
        section, _, field = variable.removeprefix(PREFIX).lower().partition("__")
        known = Settings.model_fields.get(section)
        model = known.annotation if known else None
        section_of = model if isinstance(model, type) and issubclass(model, Section) else None
        if not (field in section_of.model_fields if section_of else known and not field):
            raise SettingsError(f"{variable} in the environment is not a setting: see `weiplomacy doctor`")


def _explain(error: ValidationError, file: str | None) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    why = first["msg"].removeprefix("Value error, ")
    reason = "is not a setting" if first["type"] == "extra_forbidden" else f"is wrong: {why}"
    where = f"{file} or the environment" if file else "the environment"
    return f"the setting {name} {reason} (in {where}): see `weiplomacy doctor`"
