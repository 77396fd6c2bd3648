"""The server: one engine, and a port for each kind of user."""

from deploy.clickhouse.admission import Lanes
from deploy.clickhouse.analysts import AnalystLimits
from deploy.clickhouse.analysts_port import AnalystsPort
from deploy.clickhouse.credentials import Password
from deploy.clickhouse.engine import Engine
from deploy.clickhouse.port import Port
from deploy.clickhouse.work import Work


class Server:
    """ClickHouse's HTTP interface over one engine: `main` for our own parts and ops, `analysts` to be handed out."""

    def __init__(
        self,
        engine: Engine,
        password: Password | None = None,
        analysts: AnalystLimits | None = None,
        analysts_password: Password | None = None,
    ) -> None:
        self.engine = engine
        lanes = Lanes()
        analysts_lanes = Lanes(analysts.places) if analysts else None
        self.work = Work(engine, lanes.places + (analysts_lanes.places if analysts_lanes else 0))
        self.analysts = None
        if analysts and analysts_lanes:
            self.analysts = AnalystsPort(engine, self.work, analysts_lanes, analysts_password, analysts)
        others = [self.analysts.running] if self.analysts else []
        self.main = Port(engine, self.work, lanes, password, others)

    async def drain(self, seconds: float) -> None:
        """Refuse what is new, cancel what only reads, and let writes end, for at most `seconds`."""
        self.work.stopping = True
        for port in (self.main, self.analysts):
            for key in port.running.reads() if port else ():
                await self.work.run(self.engine.cancel, key)
        await self.work.drained(seconds)

    def close(self) -> None:
        """Close threads and engine."""
        self.work.close()
        self.engine.close()
