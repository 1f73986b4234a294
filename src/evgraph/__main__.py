"""``python -m evgraph`` is the ``evgraph`` command."""

from evgraph.cli.main import main

main()
