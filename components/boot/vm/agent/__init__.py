"""The agent: it drains a VM that must leave and retires one that is done; no job is ever killed."""
