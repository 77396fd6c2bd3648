"""The layer between a visit and its answer: which faults strike, and what they make of the answer.

Ended sessions, limits, blocks, failures of the server, loops and resets stand in front: of those that strike, the first
in the scenario's order answers. Where none does, the answer is made from the world as faults of the content leave it,
then drifts, and is sent late, cut or not at all. A fault counts every request that it matches, whether another one
answers or not.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from deploy.replica import gate
from deploy.replica.catalogue import Catalogue
from deploy.replica.chance import draw
from deploy.replica.errors import ScenarioError
from deploy.replica.exchange import Reply, Visit, redirect
from deploy.replica.faults import answers
from deploy.replica.faults.asked import Asked, asked_of, page_number
from deploy.replica.faults.chances import Tally, strikes
from deploy.replica.faults.choices import Choices
from deploy.replica.faults.drift import drifted
from deploy.replica.faults.journal import Journal
from deploy.replica.faults.scenario import MOST, Fault, Scenario
from deploy.replica.faults.seen import SeenWorld
from deploy.replica.faults.sending import WHOLE, Sending
from deploy.replica.faults.visitors import Lives, SessionNumbers, Windows
from deploy.replica.view import View

_PAST: Final = 1_000
"""Faults of the content that are remembered after their end."""
_LOOP: Final = "_loop"


@dataclass
class _Running:
    """A fault in force, with what it remembers."""

    fault: Fault
    tally: Tally
    lives: Lives | None = None
    windows: Windows | None = None
    wait_s: int = 0


@dataclass
class _Case:
    """One visit on its way through the layer."""

    visit: Visit
    asked: Asked
    request: int
    session: int
    sending: Sending = WHOLE
    delay_s: float = 0.0
    body_is_damaged: bool = False
    front: Reply | None = None


class Faults:
    """The faults in force. One event loop uses it; nothing in it waits."""

    def __init__(self, world: Catalogue) -> None:
        self._world = world
        self.scenario = Scenario()
        self.journal = Journal()
        self._running: list[_Running] = []
        self._past: deque[Fault] = deque(maxlen=_PAST)
        self._choices: Choices | None = None
        self._sessions = SessionNumbers()
        self._requests = 0

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do: no fault, no latency."""
        return not self._running and self._choices is None and not self.scenario.latency_ms

    def start(self, scenario: Scenario) -> None:
        """Begin with a scenario."""
        self.scenario = Scenario(scenario.seed, scenario.latency_ms)
        self._running.clear()
        self._take(scenario.faults)

    def add(self, scenario: Scenario, now: datetime) -> None:
        """Add faults; those with names that are known are replaced and begin to count anew.

        Faults of the content that say nothing of `from` begin now, and those that are replaced end now, so that what
        was seen before stays what it was. Raises ScenarioError where there would be too many.
        """
        names = {fault.name for fault in scenario.faults}
        kept = [fault for fault in self.scenario.faults if fault.name not in names]
        if len(kept) + len(names) > MOST:
            raise ScenarioError(
                f"{len(kept) + len(names)} faults are more than the {MOST} that can be in force at once"
            )
        self._end(names, now)
        self.scenario = Scenario(scenario.seed, scenario.latency_ms, self.scenario.faults)
        self._take([_from(fault, now) if fault.kind.group == "content" else fault for fault in scenario.faults])

    def clear(self, now: datetime, name: str | None = None) -> int:
        """End the fault of a name, or all of them and the latency; returns how many ended."""
        names = {fault.name for fault in self.scenario.faults if name in (None, fault.name)}
        self._end(names, now)
        if name is None:
            self.scenario = replace(self.scenario, latency_ms=0.0)
        self._take(())
        return len(names)

    def seen(self, at: datetime) -> SeenWorld:
        """The world as an honest visitor sees it, or saw it, at a moment."""
        return SeenWorld(self._world, self._choices or Choices(self._world, ()), at)

    def tally_of(self, fault: Fault) -> Tally | None:
        """What a fault of requests has met; None for one of the content."""
        return next((running.tally for running in self._running if running.fault is fault), None)

    def answer(self, view: View, visit: Visit, plain: Callable[[View], Reply]) -> tuple[Reply, Sending]:
        """The answer to a visit and how it is sent; `plain` makes the peaceful one from a view."""
        self._requests += 1
        asked = asked_of(visit, view)
        case = _Case(visit, asked, self._requests, self._sessions.number(asked.session))
        struck = [running for running in self._running if self._strikes(running, case, view)]
        for running in struck:
            self._stand_in_front(running, case)
        reply = case.front
        if reply is None:
            reply = self._from_seen(view, case, plain)
            for running in struck:
                reply = self._drift(running, case, reply)
        for running in struck:
            reply = self._send(running, case, reply)
        delay_s = case.delay_s + self.scenario.latency_ms / 1000
        return reply, replace(case.sending, delay_s=delay_s) if delay_s else case.sending

    def _take(self, faults: Sequence[Fault]) -> None:
        """Put faults in force behind those that are."""
        self.scenario = replace(self.scenario, faults=(*self.scenario.faults, *faults))
        for fault in faults:
            if fault.kind.group == "content":
                continue
            running = _Running(fault, Tally())
            if fault.kind.name == "session-ends":
                running.lives = Lives(fault)
            elif fault.kind.group == "session":
                running.windows = Windows(fault)
            self._running.append(running)
        content = [fault for fault in self.scenario.faults if fault.kind.group == "content"]
        self._choices = Choices(self._world, [*content, *self._past]) if content or self._past else None

    def _end(self, names: set[str], now: datetime) -> None:
        for fault in self.scenario.faults:
            began = fault.match.since is None or fault.match.since < now
            if fault.name in names and fault.kind.group == "content" and began:
                self._past.append(_until(fault, now))
        left = tuple(fault for fault in self.scenario.faults if fault.name not in names)
        self.scenario = replace(self.scenario, faults=left)
        self._running = [running for running in self._running if running.fault.name not in names]

    def _strikes(self, running: _Running, case: _Case, view: View) -> bool:
        fault, asked = running.fault, case.asked
        if running.lives is not None and asked.endpoint == "gate":
            return fault.match.is_on(case.visit.at) and running.lives.is_barred(case.asked)
        if not fault.match.holds(asked, case.visit.at, case.session):
            return False
        if running.lives is not None:
            return running.lives.strikes(asked, case.session, running.tally)
        if running.windows is not None:
            return self._is_too_much(running, case)
        if fault.kind.name == "loop" and case.visit.query.get(_LOOP) == _token(fault):
            return True
        if fault.match.page and page_number(case.visit, asked, view) not in fault.match.page:
            return False
        return strikes(fault, asked, running.tally)

    def _is_too_much(self, running: _Running, case: _Case) -> bool:
        who = case.asked.session if running.fault.kind.name == "session-limit" else case.asked.address
        match = running.fault.match
        if not who or (match.times and running.tally.applied >= match.times):
            return False
        if match.share < 1 and running.fault.draws("limits", case.session) >= match.share:
            return False
        running.tally.matched += 1
        wait_s = running.windows.wait_s(who, case.visit.at) if running.windows else None
        running.wait_s = wait_s or 0
        return wait_s is not None

    def _stand_in_front(self, running: _Running, case: _Case) -> None:
        """Answer in place of the world, where the fault does and no other has."""
        if case.front is not None:
            return
        fault = running.fault
        if running.lives is not None:
            at_gate = case.asked.endpoint == "gate"
            case.front = gate.no_identity() if at_gate else answers.no_session(case.visit, case.asked)
            self._note(fault, case)
            return
        if running.windows is not None:
            wait_s = fault.settings["retry_after_s"] or running.wait_s
            case.front = answers.too_many(int(fault.settings["status"]), wait_s)
        elif fault.kind.group == "block":
            case.front = answers.blocked(fault, case.visit, case.asked)
        elif fault.kind.name == "server-error":
            case.front = answers.server_error(fault)
        elif fault.kind.name == "loop":
            case.front = redirect(_loop(fault, case.visit))
        elif fault.kind.name == "reset":
            case.front, case.sending = Reply(200, b"", "text/html"), Sending("reset")
        else:
            return
        self._apply(running, case)

    def _from_seen(self, view: View, case: _Case, plain: Callable[[View], Reply]) -> Reply:
        if self._choices is None:
            return plain(view)
        seen = self.seen(view.at)
        reply = plain(replace(view, world=seen))
        for (_, subject), fault in seen.touched.items():
            self._note(fault, case, subject)
        return reply

    def _drift(self, running: _Running, case: _Case, reply: Reply) -> Reply:
        if running.fault.kind.group != "drift":
            return reply
        changed = drifted(running.fault, reply)
        if changed is not reply:
            self._apply(running, case)
        return changed

    def _send(self, running: _Running, case: _Case, reply: Reply) -> Reply:
        """Delay the answer, or damage a body that is whole so far."""
        fault = running.fault
        if fault.kind.name == "slow":
            place = fault.draws("late", running.tally.matched)
            case.delay_s += (fault.settings["delay_ms"] + place * fault.settings["jitter_ms"]) / 1000
            self._apply(running, case)
        is_whole = case.front is None and not case.body_is_damaged and bool(reply.body)
        if fault.kind.name not in ("cut", "truncated", "hang") or not is_whole:
            return reply
        case.body_is_damaged = True
        self._apply(running, case)
        part = fault.settings["part"]
        if fault.kind.name == "truncated":
            return replace(reply, body=reply.body[: int(len(reply.body) * part)])
        if fault.kind.name == "cut":
            case.sending = Sending("cut", part)
        else:
            case.sending = Sending("hang" if fault.settings["head"] else "silent", part)
        return reply

    def _apply(self, running: _Running, case: _Case) -> None:
        running.tally.apply(running.fault, case.asked)
        self._note(running.fault, case)

    def _note(self, fault: Fault, case: _Case, subject: str | None = None) -> None:
        self.journal.note(fault, case.visit, case.asked, case.request, case.session, subject)


def _token(fault: Fault) -> str:
    return f"{draw(0, 'loop', fault.name):016x}"[:8]


def _loop(fault: Fault, visit: Visit) -> str:
    """The address that leads to itself for ever."""
    if visit.query.get(_LOOP) == _token(fault):
        return visit.url
    return f"{visit.url}{'&' if visit.query_string else '?'}{_LOOP}={_token(fault)}"


def _from(fault: Fault, now: datetime) -> Fault:
    match = fault.match
    return fault if match.since else replace(fault, match=replace(match, since=now))


def _until(fault: Fault, now: datetime) -> Fault:
    match = fault.match
    return replace(fault, match=replace(match, until=min(now, match.until or now)))
