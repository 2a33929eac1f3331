"""Processes die; results do not change."""

import os
import random
import secrets
import signal
import threading
import time

import pytest
from tests.core.engine.workers import Descent, DiesAtBirth, Fussy, Number, descend, shards

from learnsys.core.errors import WorkerLost

ROUNDS, PAUSE_S = 10, 0.04


def kill_after(seconds, *pids):
    timer = threading.Timer(seconds, lambda: [os.kill(pid, signal.SIGKILL) for pid in pids])
    timer.start()
    return timer


@pytest.mark.parametrize("p", [2, 3])
def test_a_killed_worker_changes_no_bit(remote_engine, p):
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    undisturbed = descend(remote_engine.workers(Descent, shards(p)), ROUNDS)
    restarts = remote_engine.stats.restarts
    group = remote_engine.workers(Descent, shards(p))
    assert group.call("nap", 0) == [0] * p
    timer = kill_after(rng.uniform(0.02, 0.9 * ROUNDS * PAUSE_S), rng.choice(group.call("pid")))
    disturbed = descend(group, ROUNDS, PAUSE_S)
    timer.join()
    assert disturbed.tobytes() == undisturbed.tobytes()
    assert remote_engine.stats.restarts > restarts
    assert group.call("nap", 0) == [ROUNDS] * p, "every worker took part in every round once"


def test_all_processes_may_die_at_once(remote_engine):
    restarts = remote_engine.stats.restarts
    group = remote_engine.workers(Descent, shards(3))
    undisturbed = descend(remote_engine.workers(Descent, shards(3)), ROUNDS)
    timer = kill_after(PAUSE_S, *set(group.call("pid")))
    assert descend(group, ROUNDS, PAUSE_S).tobytes() == undisturbed.tobytes()
    timer.join()
    assert remote_engine.stats.restarts == restarts + 2


def test_a_death_between_rounds_or_in_a_stateless_one_keeps_the_state(remote_engine):
    group = remote_engine.workers(Number, [1, 2])
    bystanders = remote_engine.workers(Number, [10, 20])
    assert group.call("add", 5) == [6, 7]
    assert bystanders.call("add", 1) == [11, 21]
    restarts = remote_engine.stats.restarts
    pids = remote_engine.workers(Descent, shards(2)).call("pid")
    os.kill(pids[1], signal.SIGKILL)
    time.sleep(0.1)
    assert group.call("get") == [(6,), (7,)]
    assert group.call("add", 1) == [7, 8]
    assert bystanders.call("add", 1) == [12, 22], "workers of another group died with the process"
    assert remote_engine.stats.restarts == restarts + 1


def test_a_worker_that_always_dies_is_given_up_after_three_repeats(remote_engine):
    group = remote_engine.workers(Number, [1])
    group.call("add", 1)
    restarts = remote_engine.stats.restarts
    with pytest.raises(WorkerLost, match="died in each of 4 tries of 'die'") as caught:
        group.call("die")
    assert caught.value.exit_code == 1
    assert remote_engine.stats.restarts == restarts + 3
    assert group.call("add", 1) == [3], "the agreed state is still there"


def test_a_worker_that_could_not_go_back_is_not_taken_for_one_that_did(remote_engine, tmp_path):
    fussy, others = remote_engine.workers(Fussy, [tmp_path] * 2), remote_engine.workers(Descent, shards(2))
    assert fussy.call("add", 5) == [5, 5]
    os.kill(others.call("pid")[0], signal.SIGKILL)
    others.call("nap", 0)  # they start the process again
    with pytest.raises(ValueError, match="no permit"):
        fussy.call("add", 1)
    (tmp_path / "permit").touch()
    assert fussy.call("add", 1) == [6, 6]


@pytest.mark.parametrize("deaths", [1, 9])
def test_a_worker_may_die_while_it_is_made(remote_engine, deaths, tmp_path):
    restarts = remote_engine.stats.restarts
    if deaths > 3:
        with pytest.raises(WorkerLost, match="4 tries of 'build'"):
            remote_engine.workers(DiesAtBirth, [(tmp_path, deaths)])
        return
    assert remote_engine.workers(DiesAtBirth, [(tmp_path, deaths)]).call("get") == [(deaths,)]
    assert remote_engine.stats.restarts == restarts + deaths


def test_an_interrupted_round_is_not_taken_for_the_next(remote_engine):
    group = remote_engine.workers(Descent, shards(2))
    group.call("step", shards(2)[0][0][0])
    restarts = remote_engine.stats.restarts
    here = threading.get_ident()
    timer = threading.Timer(0.2, lambda: signal.pthread_kill(here, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        group.call("step", shards(2)[0][0][0], 2.0)
    timer.join()
    assert group.call("nap", 0) == [1, 1], "an interrupted round did not happen"
    assert remote_engine.stats.restarts == restarts, "nobody died"
