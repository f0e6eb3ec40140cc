"""The running service, driven from outside: processes, signals, HTTP."""
