"""``python -m evgraph``, and what the ``evgraph`` script calls: the command, loaded and run."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command and run it. A Ctrl-C while it is loaded ends the process at once, without a traceback."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from evgraph.cli.main import main as run

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
