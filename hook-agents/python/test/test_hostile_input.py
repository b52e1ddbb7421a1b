from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import logging
import uuid
from collections.abc import Mapping
from typing import Any, Callable, Dict, List

from hook_agent import HookAgent, Logged
from support.case import Case
from support.service import Service, shared_service

service: Service


def setUpModule() -> None:
    global service
    service = shared_service()


class Raises:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__


class RaisesWithHostileReason:
    class Reason(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no reason")

    def __str__(self) -> str:
        raise self.Reason


class RaisesWhenIterated(list):
    def __iter__(self) -> Any:
        raise RuntimeError("no items")


class RaisesWhenRead(Mapping):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError("no member")

    def __iter__(self) -> Any:
        return iter(["type", "id"])

    def __len__(self) -> int:
        return 2


class RaisesWhenListed(RaisesWhenRead):
    def __iter__(self) -> Any:
        raise RuntimeError("no keys")


class LiesAboutItsClass:
    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: Any = None


circular: Dict[str, Any] = {}
circular["self"] = circular


def nested(levels: int) -> Dict[str, Any]:
    value: Dict[str, Any] = {}
    for _ in range(levels):
        value = {"inner": value}
    return value


# What is stored as `value`; None where it is enough that it is stored.
STORABLE: Dict[str, Any] = {
    "a circular value": (circular, {"self": "[circular]"}),
    "bytes": (b"\x00\xff", {"base64": "AP8="}),
    "NaN and infinity": ([float("nan"), float("inf"), 1.5], [None, None, 1.5]),
    "integers beyond 2**53": ([2**80, 2**53 - 1], [str(2**80), 2**53 - 1]),
    "an integer without a text": (10**5_000, None),
    "a float that looks like an integer": (1e22, 1e22),
    "an object that raises in repr": (Raises(), "[unreadable: no repr]"),
    "an object whose reason raises too": (RaisesWithHostileReason(), "[unreadable]"),
    "a list that raises when iterated": (RaisesWhenIterated([1]), None),
    "a mapping that raises when read": (RaisesWhenRead(), {"type": "[unreadable: no member]", "id": "[unreadable: no member]"}),
    "a mapping that raises when listed": (RaisesWhenListed(), "[unreadable: no keys]"),
    "an object that lies about its class": (LiesAboutItsClass(), "[unreadable: no class]"),
    "keys that are no strings": ({1: "a", None: "b", (1, 2): "c", Raises(): "d"}, None),
    "a set, a tuple and a generator": ([{1}, (2,), None], [[1], [2], None]),
    "a generator": ((n for n in range(3)), None),
    "100 levels": (nested(100), None),
    "20,000 levels": (nested(20_000), None),
    "5 MB of text": ("x" * 5_000_000, None),
    "5 MB of small members": ([{"n": n} for n in range(400_000)], None),
    "lone surrogates and control characters": ("\ud800\x00\u2028", None),
    "text in another script": ("Grüße, 世界 🌍", "Grüße, 世界 🌍"),
    "a time": (datetime.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),
    "an id": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "a decimal": (decimal.Decimal("1.10"), "1.10"),
    "an enum": (Colour.RED, "red"),
    "a dataclass": (Point(1, Raises()), {"x": 1, "y": "[unreadable: no repr]"}),
    "an exception": (ValueError("no"), {"name": "ValueError", "message": "no"}),
    "a class and a function": ([Point, len], None),
    "what a prototype would mind": ({"__proto__": 1, "constructor": 2}, None),
}


def calls_with(agent: HookAgent, value: Any) -> List[Callable[[], Logged]]:
    return [
        lambda: agent.log_action(value),
        lambda: agent.log_response(value),
        lambda: agent.update_state(value),
        lambda: agent.add_goal(value),
        lambda: agent.update_goal("g", value),
        lambda: agent.spawn_agent(value),
        lambda: agent.update_metadata(value),
    ]


class HostileInputNeverRaises(Case):
    def test_and_whatever_can_be_told_of_it_is_stored(self) -> None:
        agent = self.agent(service.url)
        logged = {
            name: agent.log_action({"type": "x", "name": name, "value": value})
            for name, (value, _) in STORABLE.items()
        }
        outcomes = {name: each.receipt.result(60) for name, each in logged.items()}
        problems = {name: each.problem for name, each in outcomes.items() if each.problem}
        self.assertEqual(problems, {})
        actions = {action["name"]: action for action in service.actions(self.session)}
        for name, (_, expected) in STORABLE.items():
            with self.subTest(name):
                self.assertEqual(outcomes[name].outcome, "stored")
                if expected is not None:
                    self.assertEqual(actions[name]["value"], expected)
        stats = agent.stats()
        self.assertEqual((stats.rejected, stats.dropped, stats.shortened), (0, 0, 2))
        self.assertEqual(self.warnings, [])

    def test_does_not_use_up_a_generator(self) -> None:
        generator = (n for n in range(3))
        self.agent().log_action({"type": "x", "value": generator})
        self.assertEqual(list(generator), [0, 1, 2])

    def test_and_what_is_no_mapping_is_counted_and_told(self) -> None:
        for value in (None, 7, "task_start", [{"type": "x"}], Raises(), LiesAboutItsClass()):
            agent = self.agent()
            with self.subTest(type(value)):
                for call in calls_with(agent, value):
                    receipt = call().receipt.result(60)
                    self.assertEqual((receipt.outcome, receipt.reason), ("dropped", "invalid"))
                self.assertEqual((agent.stats().dropped, agent.stats().queued), (7, 0))
                self.assertEqual(len(self.warnings), 1)

    def test_in_an_id_is_replaced_by_an_id_of_our_own(self) -> None:
        agent = self.agent()
        for wrong in (7, "", 'a"b', "a\n", "x" * 129, Raises()):
            logged = agent.log_action({"type": "x", "id": wrong}, id=wrong)
            self.assertRegex(logged.id, r"^[0-9a-f-]{36}$")

    def test_in_the_options_at_worst_turns_the_agent_off(self) -> None:
        class RaisingLogger(logging.Logger):
            def warning(self, *_: Any, **__: Any) -> None:
                raise RuntimeError("no log")

        for name, options, enabled in (
            ("a log that raises", {"logger": RaisingLogger("x")}, True),
            ("an address that is none", {"service_url": "not a url"}, False),
            ("a port that is none", {"service_url": "http://localhost:port"}, False),
            ("a session id that leads elsewhere", {"session_id": "../../escape"}, False),
            ("a session that is no mapping", {"session": 7}, False),
            ("an impossible spool directory", {"spool_directory": "/dev/null/spool"}, True),
            ("a spool directory with a null", {"spool_directory": "/tmp/\0"}, False),
        ):
            with self.subTest(name):
                given = {"service_url": "http://127.0.0.1:9", **options}
                agent = self.agent(**given)
                for call in calls_with(agent, None):
                    call()
                agent.log_action({"type": "x"})
                self.assertEqual(agent.stats().enabled, enabled)
                self.assertEqual(agent.flush(0.01), not enabled)
