"""The program that the boot script carries: it configures a VM, starts the executor, drains it.

Python 3.8 (Ubuntu 20.04) and its standard library only. Imports inside the package are relative,
because it is packed under another name (`components.boot.archive`).
"""
