"""Prices and availability that change: what to bid, when to give up."""
