"""What runs beside the web service, in a process of its own."""
