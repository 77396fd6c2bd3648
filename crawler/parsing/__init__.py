"""Pure parsing: a recorded answer in, typed events out. Nothing here reads a clock, a file or the network."""
