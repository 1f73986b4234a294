"""The command: one thin module a subcommand."""

import atexit
import gc

# What a command makes mostly stays until it ends, soon: to look through it for garbage would take a tenth of its time.
gc.set_threshold(50_000)
atexit.register(gc.freeze)
