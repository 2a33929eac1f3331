"""``python -m learnsys``."""

from learnsys.cli import main

main()
