"""Pure rules of the field: no I/O, no clock, no SQL. Whoever needs the time passes `now`."""
