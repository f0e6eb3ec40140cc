"""Strangers' pictures at addresses of our own: no visitor's browser asks anybody else."""
