"""The slow, obvious twin: no slots at all, one worker after the other."""


class Sequential:
    """An engine that is a loop."""

    def put(self, value):
        return value

    def map(self, fn, items, *shared):
        return [fn(item, *shared) for item in items]

    def workers(self, factory, shards, *shared):
        return SequentialGroup([factory(shard() if callable(shard) else shard, *shared) for shard in shards])


class SequentialGroup:
    """Workers in a list."""

    def __init__(self, workers):
        self.workers = workers

    def call(self, method, *args):
        return [getattr(worker, method)(*args) for worker in self.workers]

    def reduce(self, method, *args, op):
        total, *rest = self.call(method, *args)
        for result in rest:
            total = op(total, result)
        return total


def payload(value):
    """Bytes of arrays and numbers in nested lists, tuples and dicts."""
    if hasattr(value, "nbytes"):
        return value.nbytes
    if isinstance(value, dict):
        return payload(list(value.keys())) + payload(list(value.values()))
    if isinstance(value, list | tuple):
        return sum(payload(part) for part in value)
    return len(value) if isinstance(value, str | bytes) else 0 if value is None else 8
