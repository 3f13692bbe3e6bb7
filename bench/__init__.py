"""Benchmarks, each beside a limit measured in the same run. ``python -m bench [name …] [--json]``

A benchmark is a module of this package with one function that carries ``@benchmark``; it is found
by itself. Timings are noisy on shared machines: a benchmark takes its figure and its limit in
interleaved turns and reports the medians, and its ratio is the steadier number.
"""
