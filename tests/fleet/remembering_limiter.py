"""A limiter that lives in a process of its own and remembers who was given which place."""

import os
from multiprocessing.managers import BaseManager

from eas_deploy.clients.pacing import AdaptiveLimiter


class RememberingLimiter(AdaptiveLimiter):
    """Remembers every place: the key, when the call may start, and the process that asked."""

    def __init__(self, per_second):
        super().__init__(per_second)
        self.places = []

    def reserve_for(self, pid, key, now):
        wait = self.reserve(key, now)
        self.places.append((key, now + wait, pid))
        return wait

    def given(self):
        return self.places


class LimiterManager(BaseManager):
    """Runs the limiter."""


LimiterManager.register("RememberingLimiter", RememberingLimiter)


class Shared:
    """The limiter as any process sees it."""

    def __init__(self, proxy):
        self.proxy = proxy

    def reserve(self, key, now):
        return self.proxy.reserve_for(os.getpid(), key, now)

    def learn(self, key, started, now, asked_s, throttled):
        self.proxy.learn(key, started, now, asked_s, throttled)
