"""Programs about programs: an interpreter, a search, a compiler, a virtual machine."""

import collections
import random
import subprocess
import tempfile
from pathlib import Path


def interpret(size: float) -> None:
    """Interpret a small program that sieves primes: branches that no cache foresees."""
    steps, counter, stack, table = 0, 2, [0], [0] * 5_000
    while steps < 7_000_000 * size:
        step = steps * 7 % 5
        if step == 0:
            stack.append(counter)
        elif step == 1 and len(stack) > 40:
            stack = stack[-2:]
        elif step == 2:
            table[stack[-1] % 5_000] ^= counter
        elif table[counter % 5_000] & 1:
            counter += 2
        else:
            counter += 1
        steps += 1


def breadth_first(size: float) -> None:
    """Search a random graph from one node: pointers all over the heap."""
    n, draw = round(260_000 * size), random.Random(1)
    neighbours = [[draw.randrange(n) for _ in range(6)] for _ in range(n)]
    seen, line = {0}, collections.deque([0])
    while line:
        for node in neighbours[line.popleft()]:
            if node not in seen:
                seen.add(node)
                line.append(node)


def compile_c(size: float) -> None:
    """Compile many C functions with optimisation."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "many.c")
        source.write_text("".join(_FUNCTION.replace("NAME", f"f{i}") for i in range(round(700 * size))))
        subprocess.run(["gcc", "-O2", "-c", str(source), "-o", str(Path(folder, "many.o"))], check=True)


_FUNCTION = """
double NAME(const double *x, int n, int *seen) {
    double sum = 0; int best = -1;
    for (int i = 0; i < n; i++) { if (x[i] > 0.5) sum += x[i] * i; else if (seen[i & 7] < i) seen[i & 7] = i; }
    switch (n % 7) { case 0: best = 3; break; case 1: best = n; break; case 4: sum /= n; break; default: best += 2; }
    for (int i = n; i-- > 1;) for (int j = 0; j < 4; j++) sum += x[i] * x[(i + j) % n] - seen[j];
    return sum + best;
}
"""


def sieve_c(size: float) -> None:
    """Compile a sieve and run it: native code over a large bit field."""
    _build(_SIEVE, str(round(380_000_000 * size)))


def _build(source: str, *words: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.c").write_text(source)
        subprocess.run(["gcc", "-O2", f"{folder}/main.c", "-o", f"{folder}/main"], check=True)
        subprocess.run([f"{folder}/main", *words], check=True)


_SIEVE = """
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    long n = atol(argv[1]), count = 0;
    char *composite = malloc(n);
    memset(composite, 0, n);
    for (long i = 2; i * i < 40000; i++) if (!composite[i]) for (long j = i * i; j < n; j += i) composite[j] = 1;
    for (long i = 2; i < n; i++) count += !composite[i];
    return count == 0;
}
"""


def java_sort(size: float) -> None:
    """Compile Java at run time and sort in the virtual machine, with a heap of fixed size."""
    java(_SORT, "-Xmx900m", "-Xms64m", size=size)


def java(source: str, *options: str, size: float) -> None:
    """Run one Java source file with ``size`` in thousandths as its argument."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Main.java").write_text(source)
        subprocess.run(["java", *options, str(Path(folder, "Main.java")), str(round(1000 * size))], check=True)


_SORT = """
import java.util.*;
class Main {
    public static void main(String[] words) {
        int n = Integer.parseInt(words[0]) * 900;
        Random draw = new Random(1);
        ArrayList<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < n; i++) numbers.add(draw.nextInt());
        HashMap<Integer, Integer> counts = new HashMap<>();
        for (int x : numbers) counts.merge(x & 0xfffff, 1, Integer::sum);
        Collections.sort(numbers);
    }
}
"""
