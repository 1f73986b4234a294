"""``python -m evgraph``, and what the ``evgraph`` script calls: the command, loaded and run."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command and run it; Ctrl-C ends the process at once, as the system does by default.

    Python would wait until an engine at work returns. Files are written whole or not at all, however a process ends:
    see `evgraph.writing`.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # And not ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from evgraph.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
