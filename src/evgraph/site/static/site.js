// What works better with a script; everything works without.
