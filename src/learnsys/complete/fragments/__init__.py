"""Several tokens at once: searched, checked against brackets and grammar, cut where confidence ends."""
