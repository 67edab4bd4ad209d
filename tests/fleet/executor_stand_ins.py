"""Executors that go wrong to order, without processes."""

import pickle
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor


def through_pickle(work, arguments, options):
    """What comes of the work in another process."""
    work, arguments, options = pickle.loads(pickle.dumps((work, arguments, options)))
    return pickle.loads(pickle.dumps(work(*arguments, **options)))


class PoolWithoutProcesses(ProcessPoolExecutor):
    """One of the standard library's own to whoever asks, and no more than that."""

    def __init__(self):
        self.submitted = 0

    def shutdown(self, wait=True, *, cancel_futures=False):
        pass


class Pickling(PoolWithoutProcesses):
    """Runs everything at once, through pickle: a process pool without the processes."""

    def submit(self, work, /, *arguments, **options):
        self.submitted += 1
        future = Future()
        try:
            future.set_result(through_pickle(work, arguments, options))
        except Exception as error:  # noqa: BLE001 - that is what an executor does
            future.set_exception(error)
        return future


class Losing(PoolWithoutProcesses):
    """Loses its workers before they have done anything, or after they have done all of it."""

    def __init__(self, why, *, after_the_work=False, meanwhile=lambda: None):
        super().__init__()
        self.why = why
        self.after_the_work = after_the_work
        self.meanwhile = meanwhile

    def submit(self, work, /, *arguments, **options):
        self.submitted += 1
        if self.after_the_work:
            through_pickle(work, arguments, options)
        self.meanwhile()
        future = Future()
        future.set_exception(self.why)
        return future


class Foreign(Executor):
    """None of the standard library's, such as Dask's; otherwise it does what the given one does."""

    def __init__(self, like):
        self.like = like

    def submit(self, work, /, *arguments, **options):
        return self.like.submit(work, *arguments, **options)


class Twice(Executor):
    """Runs the work again, as Dask does when the first worker dies after, or in, it."""

    def __init__(self, *, between=lambda: None):
        self.between = between

    def submit(self, work, /, *arguments, **options):
        through_pickle(work, arguments, options)
        self.between()
        future = Future()
        future.set_result(through_pickle(work, arguments, options))
        return future


class OneAtOnce(ThreadPoolExecutor):
    """Does the first share; the others wait for a thread that never gets free."""

    def __init__(self, *, does=1):
        super().__init__(1)
        self.does = does
        self.futures = []

    def submit(self, work, /, *arguments, **options):
        future = Future()
        self.futures.append(future)
        if len(self.futures) <= self.does:
            future.set_running_or_notify_cancel()
            future.set_result(through_pickle(work, arguments, options))
        return future


class Silent(Executor):
    """As Dask's: a future that is asked to cancel says that it did, whatever runs; others come to their end."""

    def __init__(self):
        self.futures = []
        self.threads = []

    def submit(self, work, /, *arguments, **options):
        future = Future()
        self.futures.append(future)

        def run():
            result = through_pickle(work, arguments, options)
            if not future.cancelled():
                future.set_result(result)

        if len(self.futures) == 1:
            run()
        else:
            self.threads.append(threading.Thread(target=run))
            self.threads[-1].start()
        return future


class Endless(Executor):
    """Begins everything and ends nothing."""

    def __init__(self):
        self.futures = []

    def submit(self, work, /, *arguments, **options):
        self.futures.append(Future())
        return self.futures[-1]
