"""Find a worker process of an engine and kill it."""

import os
import signal


def pid(_item):
    """Tell which process this runs in (in a module that other processes can import)."""
    return os.getpid()


def killer(engine, at):
    """Make an ``on_step`` that sends SIGKILL to the engine's second process after round ``at``."""
    victims = []

    def on_step(step):
        if step.iteration == at and not victims:
            victims.append(engine.map(pid, range(2))[1])
            assert victims[0] != os.getpid()
            os.kill(victims[0], signal.SIGKILL)
        return False

    return on_step, victims
