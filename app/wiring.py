"""From settings to the things that need them: the database, the secret key, the public address."""
