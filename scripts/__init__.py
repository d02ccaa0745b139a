"""What prepares a machine: virtual environment, Pulumi engine, checkers. Standard library only."""
