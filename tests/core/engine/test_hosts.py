"""How the driver speaks to hosts, with hosts that are no processes and die on demand."""

import gc

import pytest
from tests.core.engine.workers import Number

from learnsys.core.engine.crews import Crews
from learnsys.core.engine.hosts import AbstractHost, HostLost, Hosts, Shared
from learnsys.core.engine.types import EngineStats
from learnsys.core.errors import InputError


class InnerHost(AbstractHost):
    """Crews in this process, and a log of what was sent."""

    def __init__(self):
        self.log = []
        self.fault = None

    @staticmethod
    def pack(value):
        return value

    def start(self):
        self.crews = Crews()

    def send(self, command, *args):
        self.log.append((command, *args))
        self.request = (command, *args)

    def receive(self):
        if self.fault:
            raise self.fault
        self.log.append("answered")
        return self.crews.run(*self.request)

    def stop(self):
        self.log.append("stopped")


class Owner:
    """Something that has a key."""


@pytest.fixture
def hosts():
    hosts = Hosts([InnerHost(), InnerHost()], EngineStats())
    for host in hosts.all:
        hosts.raise_up(host)
    return hosts


def build(hosts, key):
    return [(host, ("build", key, Number, [1], [])) for host in hosts.all]


def test_a_death_is_told_after_all_others_have_answered(hosts):
    dying, other = hosts.all
    dying.fault = HostLost("struck")
    with pytest.raises(HostLost, match="struck"):
        hosts.exchange(build(hosts, 1))
    assert other.log[-1] == "answered"
    assert (dying.state, other.state) == ("dead", "up")


def test_a_restart_is_a_new_life_and_is_counted(hosts):
    dying, other = hosts.all
    dying.state = "dead"
    assert [hosts.raise_up(host) for host in hosts.all] == [2, 1]
    assert hosts.stats.restarts == 1
    other.state = "down"  # stopped on purpose
    assert hosts.raise_up(other) == 2
    assert hosts.stats.restarts == 1


def test_an_interrupt_stops_all_that_were_asked(hosts):
    hosts.all[0].fault = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        hosts.exchange(build(hosts, 1))
    assert [(host.log[-1], host.state) for host in hosts.all] == [("stopped", "down")] * 2


def test_a_shared_value_is_sent_to_a_host_once_in_its_life(hosts):
    shared = Shared("value")
    shared.key = hosts.key_for(shared)
    for _ in range(2):
        hosts.share(hosts.all, [shared])
    assert [host.log.count(("share", shared.key, "value")) for host in hosts.all] == [1, 1]
    hosts.all[0].state = "dead"
    hosts.raise_up(hosts.all[0])
    hosts.share(hosts.all, [shared])
    assert [host.log.count(("share", shared.key, "value")) for host in hosts.all] == [2, 1]


def test_what_nobody_can_ask_for_is_forgotten(hosts):
    keep, drop = Owner(), Owner()
    kept, dropped = hosts.key_for(keep), hosts.key_for(drop)
    del drop
    gc.collect()
    hosts.all[1].state = "down"
    hosts.sweep()
    assert kept != dropped
    assert ("forget", [dropped]) in hosts.all[0].log
    assert hosts.all[1].log == [], "a host that does not run has nothing to forget"


def test_cpu_seconds_are_added_up_over_lives(hosts):
    first = hosts.stats.cpu_s
    hosts.exchange(build(hosts, 1))
    second = hosts.stats.cpu_s
    assert first == 0 < second
    hosts.exchange(build(hosts, 1)[:1])
    again = hosts.stats.cpu_s - second
    assert 0 <= again < second, "only what is new counts"


def test_closed_hosts_stay_closed(hosts):
    hosts.close()
    assert [host.log[-1] for host in hosts.all] == ["stopped"] * 2
    with pytest.raises(InputError, match="closed"):
        hosts.raise_up(hosts.all[0])
