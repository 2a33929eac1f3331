"""Prices and availability that change: what to bid, when to wait, when to give up."""
