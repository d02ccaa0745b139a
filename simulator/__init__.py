"""Replays a trace of jobs through the scaling that a stack declares. `docs/simulator.md`."""
