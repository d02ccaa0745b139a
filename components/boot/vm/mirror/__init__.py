"""What the VM of a docker mirror does; it shares modules with the executors' program."""
