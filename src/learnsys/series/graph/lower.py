"""The last phase: which sums are computed of shared samples, together or apart, and which way.

Questions of the same samples ask for sums over pairs of series, at lags, for kernels, in blocks of time. One request
can serve several: the union of their pairs and kernels on a grid of lags that contains all of theirs. It may also be
dearer than two, so requests are merged only where the cost model agrees, the pair that saves most first.
"""

from collections.abc import Sequence
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.graph.nodes import Ask, Shared
from learnsys.series.graph.view import View, common
from learnsys.series.sums.cost import CostModel, SeriesPairs, Way, allowed
from learnsys.series.types import Kernel, KernelSums, Lags, Pairs, SumsSpec

SAME: Final = 1e-9  # of the observed time: edges of blocks that are so near are the same


@final
class Member(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A question: its number, how it sees the shared samples, what it knows of them and what it needs."""

    number: int
    ask: Ask
    view: View
    facts: Facts
    spec: Any


@final
class Questions(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The questions of a group by what they need: sums over pairs, Fourier coefficients, or the samples themselves."""

    sums: tuple[Member, ...]
    projections: tuple[Member, ...]
    values: tuple[Member, ...]

    @classmethod
    def of(cls, group: Shared, facts: Facts) -> "Questions":
        """Ask each question of a group what it needs of samples of which ``facts`` tells."""
        members = []
        for number, ask in group.asks:
            view = View.through(ask.after, facts)
            seen = view.facts(facts) if ask.after else facts
            members.append(Member(number=number, ask=ask, view=view, facts=seen, spec=ask.statistic.needs(seen)))
        kinds = (SumsSpec, CoefficientsSpec, type(None))
        sums, projections, values = (tuple(m for m in members if isinstance(m.spec, kind)) for kind in kinds)
        return cls(sums=sums, projections=projections, values=values)


@final
class Request(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Sums over pairs of samples that serve one question or several.

    Attributes
    ----------
    codes : ndarray of int64, shape (P,)
        Pairs (a, b) of the D shared series as a D + b, increasing.
    kernels, lags, blocks
        As of ``SumsSpec``.
    members : tuple of Member
    way : {"direct", "spectral", "grid"}
        How the sums are computed.
    estimate_s : float
        What that is expected to take, in seconds of CPU.
    """

    codes: NDArray[np.int64]
    kernels: tuple[Kernel, ...]
    lags: Lags
    blocks: int
    members: tuple[Member, ...]
    way: Way = "direct"
    estimate_s: float = 0.0

    def spec(self, d: int) -> SumsSpec:
        """Write it for ``d`` series as the sums want it."""
        return SumsSpec(pairs=_pairs(self.codes, d), kernels=self.kernels, lags=self.lags, blocks=self.blocks)

    def given(self, member: Member, sums: Sequence[KernelSums], d: int) -> tuple[KernelSums, ...]:
        """Take out what a question needs."""
        pairs = member.view.numbers[member.spec.numbered(len(member.view.ids))]
        where = np.searchsorted(self.codes, pairs[:, 0] * d + pairs[:, 1])
        shared = [sums[self.kernels.index(kernel)] for kernel in member.spec.kernels]
        return tuple(member.view.take(one, member.spec, where) for one in shared)


def request(member: Member, facts: Facts) -> Request | None:
    """Say what a question needs in terms of the shared samples; None if it needs samples of its own."""
    spec, view = member.spec, member.view
    pairs = spec.numbered(len(view.ids))
    offsets = np.unique(view.offsets_s(pairs)) if len(pairs) else np.zeros(1)
    if spec.cross or (spec.blocks > 1 and not _same_blocks(view, facts)):
        return None
    lags = spec.lags
    grid = common([Lags(first_s=lags.first_s - s, step_s=lags.step_s, count=lags.count) for s in offsets])
    if grid is None:
        return None
    codes = view.numbers[pairs[:, 0]] * len(facts.ids) + view.numbers[pairs[:, 1]]
    if np.any(np.diff(codes) <= 0):
        codes = np.unique(codes)
    return Request(codes=codes, kernels=spec.kernels, lags=grid, blocks=spec.blocks, members=(member,))


def _same_blocks(view: View, facts: Facts) -> bool:
    """Tell whether blocks of time are cut alike in the question's samples and in the shared ones."""
    if not np.any(facts.n):
        return True
    seen = view.facts(facts)
    mine, all_ = ((np.nanmin(f.first_s), np.nanmax(f.last_s)) for f in (seen, facts))
    shifted = np.ptp(view.shift_s) > 0
    shift = view.shift_s[0] if view.shift_s.size else 0.0
    near = SAME * (all_[1] - all_[0])
    return not shifted and abs(mine[0] - shift - all_[0]) <= near and abs(mine[1] - shift - all_[1]) <= near


def merged(one: Request, other: Request) -> Request | None:
    """Make one request that serves the questions of both; None if there is none."""
    if one.blocks != other.blocks and 1 not in (one.blocks, other.blocks):
        return None
    if (lags := one.lags if one.lags == other.lags else common([one.lags, other.lags])) is None:
        return None
    alike = one.codes is other.codes or np.array_equal(one.codes, other.codes)
    return Request(
        codes=one.codes if alike else _union(one.codes, other.codes),
        kernels=tuple(dict.fromkeys((*one.kernels, *other.kernels))), lags=lags,
        blocks=max(one.blocks, other.blocks), members=(*one.members, *other.members),
    )  # fmt: skip


def _union(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Merge increasing numbers; a stable sort of two runs is quicker than a hash."""
    both = np.sort(np.concatenate([one, other]), kind="stable")
    return np.asarray(both[np.concatenate([[True], np.diff(both) > 0])], np.int64)


def _without_twins(requests: Sequence[Request]) -> list[Request]:
    """Make one request of those that want the same, whatever they cost."""
    found: dict[tuple[Any, ...], Request] = {}
    for request in requests:
        key = (request.kernels, request.lags, request.blocks, request.codes.tobytes())
        twin = found.get(key)
        members = (*twin.members, *request.members) if twin else request.members
        found[key] = msgspec.structs.replace(request, members=members)
    return list(found.values())


def lowered(request: Request, facts: Facts, model: CostModel, *, ways: tuple[Way, ...]) -> Request:
    """Choose the way that costs least."""
    d, codes = max(len(facts.ids), 1), request.codes
    pairs = SeriesPairs.of(facts, np.stack([codes // d, codes % d], axis=1))
    spec = SumsSpec(pairs=(), kernels=request.kernels, lags=request.lags, blocks=request.blocks)
    costs = model.sums(facts, spec, pairs)
    way = min(allowed(facts, spec, ways, pairs), key=lambda w: costs[w])
    return msgspec.structs.replace(request, way=way, estimate_s=costs[way])


def plan(
    members: Sequence[Member], facts: Facts, model: CostModel, *, ways: tuple[Way, ...], merge: bool = True
) -> tuple[tuple[Request, ...], tuple[Member, ...]]:
    """Plan the sums of shared samples.

    Returns
    -------
    requests : tuple of Request
    alone : tuple of Member
        Questions that need samples of their own.
    """
    made = [(member, request(member, facts)) for member in members]
    requests = [r for _, r in made if r is not None]
    requests = [lowered(r, facts, model, ways=ways) for r in (_without_twins(requests) if merge else requests)]
    tried: dict[tuple[Request, Request], Request | None] = {}
    while merge and (best := _best_merge(requests, facts, model, ways, tried)):
        one, other, both = best
        requests = [r for r in requests if r is not one and r is not other] + [both]
    return tuple(requests), tuple(member for member, r in made if r is None)


def alone(member: Member, facts: Facts, spec: SumsSpec, model: CostModel, *, ways: tuple[Way, ...]) -> Request:
    """Plan the sums of a question that has samples of its own, of which ``facts`` tells."""
    costs = model.sums(facts, spec)
    way = min(allowed(facts, spec, ways), key=lambda w: costs[w])
    return Request(
        codes=np.empty(0, np.int64), kernels=spec.kernels, lags=spec.lags, blocks=spec.blocks, members=(member,),
        way=way, estimate_s=costs[way],
    )  # fmt: skip


def _best_merge(
    requests: Sequence[Request],
    facts: Facts,
    model: CostModel,
    ways: tuple[Way, ...],
    tried: dict[tuple[Request, Request], Request | None],
) -> tuple[Request, Request, Request] | None:
    """Find the two requests that are cheapest to merge, against apart; ``tried`` remembers what was made of two."""
    best, most = None, 0.0
    for i, one in enumerate(requests):
        for other in requests[i + 1 :]:
            if (key := (one, other)) not in tried:
                both = merged(one, other)
                tried[key] = None if both is None else lowered(both, facts, model, ways=ways)
            if (both := tried[key]) is None:
                continue
            saved = one.estimate_s + other.estimate_s - both.estimate_s
            if saved > most:
                best, most = (one, other, both), saved
    return best


def _pairs(codes: NDArray[np.int64], d: int) -> Pairs:
    """Write pairs as ``SumsSpec`` has them, by name where they are all."""
    if codes.size == d * (d + 1) // 2 and np.all(codes // d <= codes % d):
        return "all"
    if codes.size == d and np.all(codes // d == codes % d):
        return "auto"
    return tuple(map(tuple, np.stack([codes // d, codes % d], axis=1).tolist()))
