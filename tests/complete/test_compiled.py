from learnsys.complete.compiled import jit


@jit()
def plain(x):
    return x + 1


@jit(fastmath={"reassoc"})
def fast(x):
    return x + x


def test_kernels_run_without_the_lock_and_take_further_options():
    assert (plain(1), fast(2.0)) == (2, 4.0)
    assert plain.targetoptions["nogil"]
    assert plain.targetoptions.get("fastmath", False) != fast.targetoptions["fastmath"]
