"""The sample course, and the small web of sample sites it is collected from."""
