"""Lazy queries: nodes, rules that rewrite them, a cost model, and their execution."""
